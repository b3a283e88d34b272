// Segment every image of a folder: one label image (TIFF) for each, and one table of all objects (CSV).
//
// With an argument, for clusters and scripts:
//     pybridge macro Segment_Folder.ijm "images|results|nuclei-fluo"
// Without one (ImageJ or Fiji with a window) a dialog asks.
// An image that cannot be done is named at the end; the others are done all the same.

run("PyBridge Start");  // of use in a Fiji only, where it installs the listener

argument = getArgument();
if (argument != "") {
    part = split(argument, "|");
    if (part.length != 3) exit("Segment_Folder: the argument is input|output|model, not: " + argument);
    input = part[0]; output = part[1]; model = part[2];
} else if (call("java.awt.GraphicsEnvironment.isHeadless") == "true") {
    exit("Segment_Folder: give the argument input|output|model");
} else {
    Dialog.create("Segment a folder");
    Dialog.addDirectory("Images", "");
    Dialog.addDirectory("Output", "");
    Dialog.addString("Model", "nuclei-fluo", 30);
    Dialog.show();
    input = Dialog.getString();
    output = Dialog.getString();
    model = Dialog.getString();
}
if (input == "" || output == "") exit("Segment_Folder: give a folder of images and an output folder");
if (!File.isDirectory(input)) exit("Segment_Folder: there is no folder " + input);
if (!File.exists(output)) File.makeDirectory(output);

// Look before any work whether something would be overwritten: saveAs does not ask.
table = output + "/objects.csv";
images = imagesIn(input);
if (images.length == 0) exit("Segment_Folder: no image in " + input);
if (File.exists(table)) exit("Segment_Folder: " + table + " exists already; choose another output folder");
planned = "|";
for (i = 0; i < images.length; i++) {
    labels = labelsOf(output, images[i]);
    if (File.exists(labels)) exit("Segment_Folder: " + labels + " exists already; choose another output folder");
    if (indexOf(planned, "|" + toLowerCase(labels) + "|") >= 0)
        exit("Segment_Folder: two images would both give " + labels + "; put them into folders of their own");
    planned = planned + toLowerCase(labels) + "|";
}

// One image, in a macro of its own: when it fails, eval says so and the others go on.
oneImage = "part = split(getArgument(), '|');"
    + "run('PyBridge Open', 'path=[' + part[0] + ']');"
    + "run('PyBridge Segment', 'model=[' + part[2] + ']');"
    + "saveAs('Tiff', part[1]);"
    + "return 'done';";

setBatchMode(true);
begin = nResults;
bad = newArray(0);
for (i = 0; i < images.length; i++) {
    showProgress(i, images.length);
    first = nResults;
    before = nImages;
    answer = eval(oneImage, input + "/" + images[i] + "|" + labelsOf(output, images[i]) + "|" + model);
    while (nImages > before) close();
    for (row = first; row < nResults; row++) setResult("Image", row, images[i]);
    if (answer == "done")
        print((i + 1) + "/" + images.length + " " + images[i] + ": " + (nResults - first) + " objects");
    else
        bad = Array.concat(bad, images[i]);
}
showProgress(1);
saveRows(begin, table);
if (bad.length > 0)
    exit("Segment_Folder: " + bad.length + " of " + images.length + " images could not be done: "
        + String.join(bad, ", ") + ". The others are in " + output);

function labelsOf(folder, name) {
    path = folder + "/" + File.getNameWithoutExtension(name) + "-labels.tif";
    return path;
}

// The image files of a folder, without the label images that an earlier run put there.
function imagesIn(folder) {
    kinds = newArray(".tif", ".tiff", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".pgm");
    found = newArray(0);
    list = getFileList(folder);
    for (i = 0; i < list.length; i++) {
        name = toLowerCase(list[i]);
        for (k = 0; k < kinds.length; k++)
            if (endsWith(name, kinds[k]) && !startsWith(name, ".") && !endsWith(name, "-labels" + kinds[k]))
                found = Array.concat(found, list[i]);
    }
    return found;
}

// Save the rows of the Results table from row 'first' on: earlier ones are not of this folder.
function saveRows(first, path) {
    column = newArray("Image", "Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence", "Channel", "Slice", "Frame");
    headings = "\t" + String.getResultsHeadings + "\t";
    kept = newArray(0);
    for (i = 0; i < column.length; i++)
        if (indexOf(headings, "\t" + column[i] + "\t") >= 0) kept = Array.concat(kept, column[i]);
    file = File.open(path);
    print(file, String.join(kept, ","));
    for (row = first; row < nResults; row++) {
        line = newArray(kept.length);
        for (i = 0; i < kept.length; i++) line[i] = cellOf(kept[i], row);
        if (indexOf(line[0], ",") >= 0) line[0] = "\"" + line[0] + "\"";
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
