"""The commands as functions for scripts: images and options in, a Result out. Nothing is shown."""

from __future__ import absolute_import

from ij import ImagePlus, WindowManager

from pybridge_client.calls import Given, call
from pybridge_client.commands import show
from pybridge_client.failures import failure


def segment(imp, **options):
    """Find the objects in an image; gives a Result with labels, table and record.

    truth: an ImagePlus, the title of an open image, or a path.
    """
    return _call("PyBridge Segment", imp, options)


def predict(imp, **options):
    """Run any bioimage.io ONNX model on an image; gives a Result with outputs and record."""
    return _call("PyBridge Predict", imp, options)


def train(imp=None, **options):
    """Train or fine-tune a model, on files or on what is painted on an image; gives a Result with lines."""
    return _call("PyBridge Train", imp, options)


def evaluate(result, truth, raw=None, **options):
    """Score a result against ground truth; gives a Result with table, record and perhaps images.

    result, truth, raw: each an ImagePlus, which need not be shown, the title of an open image, or a path; a result of
    None is the active image.
    """
    imp = WindowManager.getCurrentImage() if result is None else None
    return _call("PyBridge Evaluate", imp, dict(options, result=result, truth=truth, raw=raw))


def compare(imp=None, images=None, truth=None, **options):
    """Compare models and baselines on images; gives a Result with overlays, table and lines.

    imp, images: an ImagePlus, or a list of them, which need not be shown; or images=folder; else the active image.
    truth: an ImagePlus for each image, in the same order; or the title of an open image, a path or a folder.
    model: a list of names, or a comma list.
    """
    if isinstance(imp, (list, tuple)):
        imp, images = None, imp
    if imp is None and images is None:
        imp = WindowManager.getCurrentImage()
    return _call("PyBridge Compare", imp, dict(options, images=images, truth=truth))


def report(imp=None, **options):
    """Report on the record of an image, or of record=path; gives a Result with lines that say where the page is."""
    return _call("PyBridge Report", imp, options)


def doctor():
    """Look at Java, ImageJ, Python and the devices; gives a Result with lines."""
    return call("PyBridge Doctor", None, None)


def _call(command, imp, options):
    """Call a command; when a file of it could not be written, what it made is shown before the error is raised."""
    texts, given = _part(command, options)
    result = call(command, write_options(texts), imp, given)
    if result.failure is not None:
        show(result)
    return result


def _part(command, options):
    """Part options into texts and images."""
    texts, given = {}, Given()
    for name, value in options.items():
        values = list(value) if isinstance(value, (list, tuple)) else [value]
        images = [each for each in values if isinstance(each, ImagePlus)]
        if not images:
            texts[name] = value
        elif len(images) == len(values):
            given.add(name, images)
        else:
            raise failure(
                "%s with %s=" % (command, name),
                "a list of images and of something else",
                "give images alone (IJ.openImage opens files), or texts alone",
            )
    return texts, given


def write_options(values):
    """Write a dictionary as the options of a macro call; None is left out."""
    parts = []
    for key in sorted(values):
        value = values[key]
        if value is None:
            continue
        if isinstance(value, (list, tuple)):
            value = u",".join(value)
        text = ("true" if value else "false") if isinstance(value, bool) else unicode(value)  # noqa: F821
        bare = text and not any(letter.isspace() or letter in "[]" for letter in text)
        parts.append(u"%s=%s" % (key.rstrip("_"), text if bare else u"[%s]" % text))
    return u" ".join(parts)
