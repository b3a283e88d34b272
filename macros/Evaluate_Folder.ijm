// Score the label images of a folder against ground truth: one row of scores for each image (CSV), and each image's
// errors in colour (TIFF). Green is right, orange missed, blue spurious, yellow split, purple merged.
//
// With an argument, for clusters and scripts:
//     pybridge macro Evaluate_Folder "results|truth|scores"
// Without one (ImageJ or Fiji with a window) a dialog asks.
// A result belongs to the truth of the same name, after "-labels", "_mask" and the like; a truth may also be a zip of
// ROIs. A pair that cannot be scored is named at the end; the others are done all the same. Where some images of the
// folder are named -labels only those are results; the others, and truths without a result, are named at the end too.

run("PyBridge Start");  // of use in a Fiji only, where it installs the listener

argument = getArgument();
if (argument != "") {
    part = split(argument, "|");
    if (part.length != 3) exit("Evaluate_Folder: the argument is results|truth|output, not: " + argument);
    input = part[0]; truth = part[1]; output = part[2];
} else if (call("java.awt.GraphicsEnvironment.isHeadless") == "true") {
    exit("Evaluate_Folder: give the argument results|truth|output");
} else {
    Dialog.create("Score a folder");
    Dialog.addDirectory("Results", "");
    Dialog.addDirectory("Ground truth", "");
    Dialog.addDirectory("Output", "");
    Dialog.show();
    input = Dialog.getString();
    truth = Dialog.getString();
    output = Dialog.getString();
}
if (input == "" || truth == "" || output == "") exit("Evaluate_Folder: give folders of results, truth and output");
if (!File.isDirectory(input)) exit("Evaluate_Folder: there is no folder " + input);
if (!File.isDirectory(truth)) exit("Evaluate_Folder: there is no folder " + truth);
if (!File.exists(output)) File.makeDirectory(output);

// Look before any work whether something would be overwritten, and whether each result has its truth.
table = output + "/scores.csv";
results = resultsIn(input);
truths = filesIn(truth, newArray(".tif", ".tiff", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".pgm", ".zip", ".roi"));
if (results.length == 0) exit("Evaluate_Folder: no label image in " + input);
if (File.exists(table)) exit("Evaluate_Folder: " + table + " exists already; choose another output folder");
partner = newArray(results.length);
planned = "|";
for (i = 0; i < results.length; i++) {
    partner[i] = partnerOf(results[i], truths);
    if (partner[i] == "") exit("Evaluate_Folder: no ground truth in " + truth + " for " + results[i]);
    errors = errorsOf(output, results[i]);
    if (File.exists(errors)) exit("Evaluate_Folder: " + errors + " exists already; choose another output folder");
    if (indexOf(planned, "|" + toLowerCase(errors) + "|") >= 0)
        exit("Evaluate_Folder: two results would both give " + errors + "; put them into folders of their own");
    planned = planned + toLowerCase(errors) + "|";
}

// One image, in a macro of its own: when it fails, eval says so and the others go on.
oneImage = "part = split(getArgument(), '|');"
    + "run('PyBridge Evaluate', 'result=[' + part[0] + '] truth=[' + part[1] + '] task=segment show_errors');"
    + "saveAs('Tiff', part[2]);"
    + "return 'done';";

setBatchMode(true);
begin = nResults;
bad = newArray(0);
for (i = 0; i < results.length; i++) {
    showProgress(i, results.length);
    before = nImages;
    pair = input + "/" + results[i] + "|" + truth + "/" + partner[i];
    answer = eval(oneImage, pair + "|" + errorsOf(output, results[i]));
    while (nImages > before) close();
    if (answer == "done") {
        last = nResults - 1;
        print((i + 1) + "/" + results.length + " " + results[i] + ": F1 " + d2s(getResult("F1", last), 3) + ", missed "
            + getResult("Missed", last) + ", spurious " + getResult("Spurious", last) + ", split "
            + getResult("Split", last) + ", merged " + getResult("Merged", last));
    } else
        bad = Array.concat(bad, results[i]);
}
showProgress(1);
saveRows(begin, table);
tellLeftOut(input, results, truths, partner);
if (bad.length > 0)
    exit("Evaluate_Folder: " + bad.length + " of " + results.length + " pairs could not be scored: "
        + String.join(bad, ", ") + ". The others are in " + output);

// What follows the stem of a name and says which role the file plays.
function stemOf(name) {
    stem = File.getNameWithoutExtension(name);
    role = newArray("cp_masks", "cp-masks", "cp_mask", "cp-mask", "ground_truth", "ground-truth", "groundtruth",
        "labels", "label", "masks", "mask", "truth", "gt", "seg", "segmentation", "annotations", "annotation", "rois",
        "roi", "roiset");   // the longer ones first: each is looked for in this order
    sign = newArray("-", "_", ".", " ");
    small = toLowerCase(stem);
    for (i = 0; i < role.length; i++)
        for (k = 0; k < sign.length; k++)
            if (endsWith(small, sign[k] + role[i]))
                return substring(stem, 0, lengthOf(stem) - lengthOf(role[i]) - 1);
    return stem;
}

function partnerOf(name, list) {
    stem = stemOf(name);
    found = "";
    for (j = 0; j < list.length; j++) {
        other = stemOf(list[j]);
        if (other == stem) {
            if (found != "") exit("Evaluate_Folder: two ground truths for " + name + ": " + found + " and " + list[j]);
            found = list[j];
        }
    }
    return found;
}

function errorsOf(folder, name) {
    stem = stemOf(name);
    path = folder + "/" + stem + "-errors.tif";
    return path;
}

function filesIn(folder, kinds) {
    found = newArray(0);
    list = getFileList(folder);
    for (i = 0; i < list.length; i++) {
        name = toLowerCase(list[i]);
        for (k = 0; k < kinds.length; k++)
            if (endsWith(name, kinds[k]) && !startsWith(name, ".")) found = Array.concat(found, list[i]);
    }
    return found;
}

// The label images of a folder: where there are names that end in -labels, only those.
function resultsIn(folder) {
    all = filesIn(folder, newArray(".tif", ".tiff", ".png", ".gif", ".bmp", ".pgm"));
    named = newArray(0);
    for (i = 0; i < all.length; i++)
        if (endsWith(File.getNameWithoutExtension(all[i]), "-labels")) named = Array.concat(named, all[i]);
    if (named.length > 0) return named;
    return all;
}

// Name the images that were not taken as results, and the truths that no result used: a wrong name must be seen.
function tellLeftOut(folder, results, truths, partner) {
    all = filesIn(folder, newArray(".tif", ".tiff", ".png", ".gif", ".bmp", ".pgm"));
    stems = stemsOf(results);
    left = newArray(0);
    for (i = 0; i < all.length; i++)
        if (!isIn(all[i], results) && !isIn(stemOf(all[i]), stems) && !isMade(all[i]))
            left = Array.concat(left, all[i]);
    if (left.length > 0)
        print("Evaluate_Folder: not taken as results, because others are named ...-labels: " + String.join(left, ", "));
    unused = newArray(0);
    for (i = 0; i < truths.length; i++)
        if (!isIn(truths[i], partner) && !isIn(truths[i], results) && !isMade(truths[i]))
            unused = Array.concat(unused, truths[i]);
    if (unused.length > 0)
        print("Evaluate_Folder: no result for " + unused.length + " truth file(s), which were not scored: "
            + String.join(unused, ", "));
}

function stemsOf(names) {
    stems = newArray(names.length);
    for (j = 0; j < names.length; j++) stems[j] = stemOf(names[j]);
    return stems;
}

function isIn(name, list) {
    for (j = 0; j < list.length; j++)
        if (list[j] == name) return true;
    return false;
}

// Say by its name whether PyBridge made a file that is no label image.
function isMade(name) {
    role = newArray("-probability", "-errors", "-rse", "-ssim", "-uncertainty");
    stem = File.getNameWithoutExtension(name);
    for (j = 0; j < role.length; j++)
        if (endsWith(stem, role[j])) return true;
    return false;
}

// Save the rows of the Results table from row 'first' on: earlier ones are not of this folder.
function saveRows(first, path) {
    column = newArray("Image", "Truth", "Found", "TP", "FP", "FN", "Precision", "Recall", "F1", "AP 0.50", "AP 0.75",
        "Mean AP", "PQ", "Mean IoU", "Split", "Merged", "Missed", "Spurious", "Count error", "Dice", "IoU", "SEG",
        "HD95", "ASSD", "Unit");
    file = File.open(path);
    print(file, String.join(column, ","));
    for (row = first; row < nResults; row++) {
        line = newArray(column.length);
        for (i = 0; i < column.length; i++) line[i] = cellOf(column[i], row);
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
