// Segment one image: a label image (TIFF) and a table of its objects (CSV).
//
// With an argument, for clusters and scripts:
//     pybridge macro Segment_Image.ijm "cells.tif|results|nuclei-fluo"
// Without one (ImageJ or Fiji with a window) a dialog asks.

run("PyBridge Start");  // of use in a Fiji only, where it installs the listener

argument = getArgument();
if (argument != "") {
    part = split(argument, "|");
    if (part.length != 3) exit("Segment_Image: the argument is input|output|model, not: " + argument);
    input = part[0]; output = part[1]; model = part[2];
} else if (call("java.awt.GraphicsEnvironment.isHeadless") == "true") {
    exit("Segment_Image: give the argument input|output|model");
} else {
    Dialog.create("Segment an image");
    Dialog.addFile("Image", "");
    Dialog.addDirectory("Output", "");
    Dialog.addString("Model", "nuclei-fluo", 30);
    Dialog.show();
    input = Dialog.getString();
    output = Dialog.getString();
    model = Dialog.getString();
}
if (input == "" || output == "") exit("Segment_Image: give an image and an output folder");
if (!File.exists(output)) File.makeDirectory(output);

stem = output + "/" + File.getNameWithoutExtension(input);
stopIfThere(stem + "-labels.tif");   // saveAs would overwrite without asking
stopIfThere(stem + "-objects.csv");

first = nResults;
run("PyBridge Open", "path=[" + input + "]");
run("PyBridge Segment", "model=[" + model + "]");   // the label image is the active image now
saveAs("Tiff", stem + "-labels.tif");
saveRows(first, stem + "-objects.csv");
print(File.getName(input) + ": " + (nResults - first) + " objects, saved in " + output);

function stopIfThere(path) {
    if (File.exists(path)) exit("Segment_Image: " + path + " exists already; choose another output folder");
}

// Save the rows of the Results table from row 'first' on: earlier ones are not of this image.
function saveRows(first, path) {
    column = newArray("Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence", "Channel", "Slice", "Frame");
    headings = "\t" + String.getResultsHeadings + "\t";
    kept = newArray(0);
    for (i = 0; i < column.length; i++)
        if (indexOf(headings, "\t" + column[i] + "\t") >= 0) kept = Array.concat(kept, column[i]);
    file = File.open(path);
    print(file, String.join(kept, ","));
    for (row = first; row < nResults; row++) {
        line = newArray(kept.length);
        for (i = 0; i < kept.length; i++) line[i] = cellOf(kept[i], row);
        print(file, String.join(line, ","));
    }
    File.close(file);
}

// A number with all its digits, whatever "Set Measurements" says of decimal places; NaN and text as they are.
function cellOf(name, row) {
    value = getResult(name, row);
    if (name == "Image" || isNaN(value)) return getResultString(name, row);
    if (value == floor(value)) return d2s(value, 0);
    if (abs(value) < 0.001) return d2s(value, -6);
    return d2s(value, 9);
}
