// Compare models and classical methods on a handful of images: which one is best, and is a network needed at all?
// Gives a table with a row for each method (CSV), and a stack with what each method found on a typical image (TIFF).
// With ground truth: green is right, orange missed, blue spurious, yellow split, purple merged.
//
// With an argument, for clusters and scripts:
//     pybridge macro Compare_Models "images|truth|nuclei-fluo,baseline:otsu-watershed|output"
// Without one (ImageJ or Fiji with a window) a dialog asks. Images and truth are folders; a truth has the name of its
// image, perhaps with "_mask" or the like behind. Without truth write "none" (in the dialog, nothing): the ranking is
// then by how steady the methods are, which is a guess.

run("PyBridge Start");  // of use in a Fiji only, where it installs the listener

argument = getArgument();
if (argument != "") {
    part = split(argument, "|");
    if (part.length != 4) exit("Compare_Models: the argument is images|truth|models|output, not: " + argument);
    images = part[0]; truth = part[1]; models = part[2]; output = part[3];
} else if (call("java.awt.GraphicsEnvironment.isHeadless") == "true") {
    exit("Compare_Models: give the argument images|truth|models|output");
} else {
    Dialog.create("Compare models");
    Dialog.addDirectory("Images", "");
    Dialog.addDirectory("Ground truth (may be empty)", "");
    Dialog.addString("Models", "nuclei-fluo,baseline:otsu-watershed,baseline:pixel-forest", 50);
    Dialog.addDirectory("Output", "");
    Dialog.show();
    images = Dialog.getString();
    truth = Dialog.getString();
    models = Dialog.getString();
    output = Dialog.getString();
}
images = withoutSeparator(images);
truth = withoutSeparator(truth);
output = withoutSeparator(output);
if (images == "" || models == "" || output == "") exit("Compare_Models: give images, models and an output folder");
if (!File.isDirectory(images)) exit("Compare_Models: there is no folder " + images);
if (!File.exists(output)) File.makeDirectory(output);

// saveAs would overwrite without asking.
table = output + "/comparison.csv";
overlays = output + "/comparison-overlays.tif";
record = output + "/run-record.json";
stopIfThere(table);
stopIfThere(overlays);
stopIfThere(record);

setBatchMode(true);
begin = nResults;
options = "model=[" + models + "] images=[" + images + "] record=[" + record + "]";
if (truth != "none" && truth != "") options = options + " truth=[" + truth + "]";
run("PyBridge Compare", options);   // what it found stands in the Log; the stack of overlays is the active image now
saveAs("Tiff", overlays);

// The rows of this comparison: earlier ones are of something else.
column = split(String.getResultsHeadings, "\t");
file = File.open(table);
heading = "";
for (i = 0; i < column.length; i++)
    if (column[i] != " ") heading = heading + "," + column[i];
print(file, substring(heading, 1));
for (row = begin; row < nResults; row++) {
    line = "";
    for (i = 0; i < column.length; i++)
        if (column[i] != " ") line = line + "," + cellOf(column[i], row);
    print(file, substring(line, 1));
}
File.close(file);

// What could not be done is named among the warnings of the record; the others are done.
line = split(File.openAsString(record), "\n");
lost = newArray(0);
for (i = 0; i < line.length; i++) {
    warning = String.trim(line[i]);
    if (startsWith(warning, "\"not done: ")) {
        named = substring(warning, lengthOf("\"not done: "));
        if (indexOf(named, ": ") > 0) named = substring(named, 0, indexOf(named, ": "));
        lost = Array.concat(lost, named);
    }
}
if (lost.length > 0)
    exit("Compare_Models: not done, see the Log: " + String.join(lost, ", ") + ". The others are in " + output);

// Dialogs put a separator behind every folder, "none" among them.
function withoutSeparator(folder) {
    while (lengthOf(folder) > 1 && (endsWith(folder, "/") || endsWith(folder, "\\")) && !endsWith(folder, ":\\"))
        folder = substring(folder, 0, lengthOf(folder) - 1);
    return folder;
}

function stopIfThere(path) {
    if (File.exists(path)) exit("Compare_Models: " + path + " exists already; choose another output folder");
}

// A number with all its digits, whatever "Set Measurements" says of decimal places; NaN and text as they are.
function cellOf(name, row) {
    value = getResult(name, row);
    if (name == "Image" || isNaN(value)) return getResultString(name, row);
    if (value == floor(value)) return d2s(value, 0);
    if (abs(value) < 0.001) return d2s(value, -6);
    return d2s(value, 9);
}
