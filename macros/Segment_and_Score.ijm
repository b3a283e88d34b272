// Segment an image whose ground truth is known, and print what the run record says of it: model, version, device, AP.
// The record is the "Info" of the label image (Image > Show Info...): the same JSON in every door of PyBridge.
//
// With an argument, for clusters and scripts:
//     pybridge macro Segment_and_Score.ijm "cells.tif|cells_mask.tif|nuclei-fluo"
// Without one (ImageJ or Fiji with a window) a dialog asks.

run("PyBridge Start");  // of use in a Fiji only, where it installs the listener

argument = getArgument();
if (argument != "") {
    part = split(argument, "|");
    if (part.length != 3) exit("Segment_and_Score: the argument is image|truth|model, not: " + argument);
    input = part[0]; truth = part[1]; model = part[2];
} else if (call("java.awt.GraphicsEnvironment.isHeadless") == "true") {
    exit("Segment_and_Score: give the argument image|truth|model");
} else {
    Dialog.create("Segment and score");
    Dialog.addFile("Image", "");
    Dialog.addFile("Ground truth", "");
    Dialog.addString("Model", "nuclei-fluo", 30);
    Dialog.show();
    input = Dialog.getString();
    truth = Dialog.getString();
    model = Dialog.getString();
}
if (input == "" || truth == "") exit("Segment_and_Score: give an image and its ground truth");

run("PyBridge Open", "path=[" + input + "]");
run("PyBridge Segment", "model=[" + model + "] truth=[" + truth + "]");   // the label image is the active image now

record = getMetadata("Info");
used = after(record, "\"model\": {");
device = after(record, "\"device\": {");
print("model: " + valueOf(used, "id") + " " + valueOf(used, "version"));
print("device: " + valueOf(device, "used") + " (" + valueOf(device, "provider") + ")");
pooled = after(record, "\"pooled\": {");
print("AP at IoU 0.50: " + valueOf(after(pooled, "\"0.50\": {"), "ap"));
print("AP at IoU 0.75: " + valueOf(after(pooled, "\"0.75\": {"), "ap"));

// The rest of a text behind its first 'mark'.
function after(text, mark) {
    at = indexOf(text, mark);
    if (at < 0) exit("Segment_and_Score: the record has no " + mark);
    return substring(text, at + lengthOf(mark));
}

// The value of the first 'key' in a record, in which each value has a line of its own; null is what is not defined.
function valueOf(text, key) {
    line = after(text, "\"" + key + "\": ");
    line = substring(line, 0, indexOf(line, "\n"));
    if (endsWith(line, ",")) line = substring(line, 0, lengthOf(line) - 1);
    return replace(line, "\"", "");
}
