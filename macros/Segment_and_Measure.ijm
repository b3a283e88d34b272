// Segment the nuclei in one channel and measure every channel inside them: one row for each nucleus, with the mean and
// the integrated density of each channel. What a lab does to ask how much of a protein is in each nucleus.
//
// With an argument, for clusters and scripts:
//     pybridge macro Segment_and_Measure "cells.tif|results|nuclei-fluo"
// Without one (ImageJ or Fiji with a window) a dialog asks.

nuclei = 1;   // the channel that shows the nuclei

run("PyBridge Start");  // of use in a Fiji only, where it installs the listener

argument = getArgument();
if (argument != "") {
    part = split(argument, "|");
    if (part.length != 3) exit("Segment_and_Measure: the argument is input|output|model, not: " + argument);
    input = part[0]; output = part[1]; model = part[2];
} else if (call("java.awt.GraphicsEnvironment.isHeadless") == "true") {
    exit("Segment_and_Measure: give the argument input|output|model");
} else {
    Dialog.create("Segment and measure");
    Dialog.addFile("Image", "");
    Dialog.addDirectory("Output", "");
    Dialog.addString("Model", "nuclei-fluo", 30);
    Dialog.addNumber("Channel of the nuclei", nuclei);
    Dialog.show();
    input = Dialog.getString();
    output = Dialog.getString();
    model = Dialog.getString();
    nuclei = Dialog.getNumber();
}
if (input == "" || output == "") exit("Segment_and_Measure: give an image and an output folder");
if (!File.exists(output)) File.makeDirectory(output);

stem = output + "/" + File.getNameWithoutExtension(input);
stopIfThere(stem + "-labels.tif");   // saveAs would overwrite without asking
stopIfThere(stem + "-measured.csv");

setBatchMode(true);
run("PyBridge Open", "path=[" + input + "]");
image = getImageID();
getDimensions(width, height, channels, slices, frames);
options = "model=[" + model + "] rois=overlay table=false";
if (channels > 1) options = options + " channel=" + nuclei;
run("PyBridge Segment", options);   // the label image is the active image now; each nucleus is a ROI of its overlay
labels = getImageID();

file = File.open(stem + "-measured.csv");
print(file, headings(channels));
count = Overlay.size;
for (i = 0; i < count; i++) {
    selectImage(labels);
    Overlay.activateSelection(i);
    label = Roi.getName;
    Stack.getPosition(channel, slice, frame);
    selectImage(image);
    run("Restore Selection");
    for (c = 1; c <= channels; c++) {
        if (channels * slices * frames > 1) Stack.setPosition(c, slice, frame);
        getStatistics(area, mean);
        if (c == 1) {
            line = label + "," + textOf(area);
            if (slices > 1) line = line + "," + slice;
            if (frames > 1) line = line + "," + frame;
        }
        line = line + "," + textOf(mean) + "," + textOf(area * mean);
    }
    print(file, line);
    showProgress(i, count);
}
File.close(file);
selectImage(labels);
run("Select None");
saveAs("Tiff", stem + "-labels.tif");   // with the outlines
print(File.getName(input) + ": " + count + " nuclei measured in " + channels + " channel(s), saved in " + output);

function stopIfThere(path) {
    if (File.exists(path)) exit("Segment_and_Measure: " + path + " exists already; choose another output folder");
}

function headings(channels) {
    text = "Label,Area";
    if (slices > 1) text = text + ",Slice";
    if (frames > 1) text = text + ",Frame";
    for (c = 1; c <= channels; c++) text = text + ",Mean" + c + ",IntDen" + c;
    return text;
}

// A number with digits enough, also for areas in mm2 and intensities below one; NaN stays.
function textOf(value) {
    if (value == floor(value)) return d2s(value, 0);
    if (abs(value) < 0.001) return d2s(value, -6);
    return d2s(value, 9);
}
