// Segment every frame of a time-lapse and write how the culture grows: for each frame the number of cells, their mean
// area and intensity, and the part of the field that they cover.
//
// With an argument, for clusters and scripts:
//     pybridge macro Segment_Timelapse "movie.tif|results|nuclei-fluo"
// Without one (ImageJ or Fiji with a window) a dialog asks.

run("PyBridge Start");  // of use in a Fiji only, where it installs the listener

argument = getArgument();
if (argument != "") {
    part = split(argument, "|");
    if (part.length != 3) exit("Segment_Timelapse: the argument is input|output|model, not: " + argument);
    input = part[0]; output = part[1]; model = part[2];
} else if (call("java.awt.GraphicsEnvironment.isHeadless") == "true") {
    exit("Segment_Timelapse: give the argument input|output|model");
} else {
    Dialog.create("Segment a time-lapse");
    Dialog.addFile("Time-lapse", "");
    Dialog.addDirectory("Output", "");
    Dialog.addString("Model", "nuclei-fluo", 30);
    Dialog.show();
    input = Dialog.getString();
    output = Dialog.getString();
    model = Dialog.getString();
}
if (input == "" || output == "") exit("Segment_Timelapse: give a time-lapse and an output folder");
if (!File.exists(output)) File.makeDirectory(output);

stem = output + "/" + File.getNameWithoutExtension(input);
stopIfThere(stem + "-labels.tif");   // saveAs would overwrite without asking
stopIfThere(stem + "-growth.csv");

setBatchMode(true);
first = nResults;
run("PyBridge Open", "path=[" + input + "]");
getDimensions(width, height, channels, slices, frames);
if (frames == 1 && slices > 1) {   // many microscopes save the frames of a movie as slices
    frames = slices; slices = 1;
    Stack.setDimensions(channels, slices, frames);
    print("the " + frames + " slices of " + getTitle() + " are taken as frames");
}
if (frames == 1) exit("Segment_Timelapse: " + input + " has a single frame");
interval = Stack.getFrameInterval();
Stack.getUnits(unitX, unitY, unitZ, unitTime, unitValue);
getPixelSize(unit, pixelWidth, pixelHeight);
field = width * pixelWidth * height * pixelHeight * slices;
run("PyBridge Segment", "model=[" + model + "]");   // the label image is the active image now
saveAs("Tiff", stem + "-labels.tif");

// The rows that were added to the Results table: one for each cell and frame.
cells = newArray(frames); areas = newArray(frames); sums = newArray(frames);
for (row = first; row < nResults; row++) {
    t = getResult("Frame", row) - 1;
    cells[t]++;
    areas[t] += getResult("Area", row);
    sums[t] += getResult("Mean", row);
}
file = File.open(stem + "-growth.csv");
print(file, "Frame,Time,Unit,Cells,MeanArea,MeanIntensity,Covered");
for (t = 0; t < frames; t++) {
    meanArea = "NaN"; meanIntensity = "NaN";
    if (cells[t] > 0) {
        meanArea = textOf(areas[t] / cells[t]);
        meanIntensity = textOf(sums[t] / cells[t]);
    }
    print(file, "" + (t + 1) + "," + textOf(t * interval) + "," + unitTime + "," + cells[t] + "," + meanArea + ","
        + meanIntensity + "," + textOf(areas[t] / field));
}
File.close(file);
print(File.getName(input) + ": " + cells[0] + " cells in the first frame, " + cells[frames - 1]
    + " in the last, saved in " + output);

function stopIfThere(path) {
    if (File.exists(path)) exit("Segment_Timelapse: " + path + " exists already; choose another output folder");
}

// A number with digits enough, also for areas in mm2 and intensities below one; NaN stays.
function textOf(value) {
    if (value == floor(value)) return d2s(value, 0);
    if (abs(value) < 0.001) return d2s(value, -6);
    return d2s(value, 9);
}
