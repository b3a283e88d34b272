// Lets macros call PyBridge, from the start of Fiji on. Fiji runs this file before it knows its script commands, so
// this waits for them, half a minute at most.
installed = false;
for (i = 0; i < 120 && !installed; i++) {
    List.setCommands;
    if (List.get("PyBridge Start") != "") {
        run("PyBridge Start");
        installed = true;
    } else wait(250);
}
List.clear();
