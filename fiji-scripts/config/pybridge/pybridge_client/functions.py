"""The commands as functions for scripts: images and options in, a Result out. Nothing is shown."""

from __future__ import absolute_import

from ij import ImagePlus, WindowManager

from pybridge_client.calls import Given, call
from pybridge_client.commands import show
from pybridge_client.failures import failure
from pybridge_client.subject import is_place, subject, with_title

PLACES = ("images", "result", "truth", "raw")
"""Options that name images: a list for one of them is of images, titles and paths; other lists are of names."""


def segment(imp, **options):
    """Find the objects in an image; gives a Result with labels, table and record.

    imp, truth: each an ImagePlus, the title of an open image, or a path.
    """
    return _call("PyBridge Segment", imp, options)


def predict(imp, **options):
    """Run any bioimage.io ONNX model on an image, which may be a path; gives a Result with outputs and record."""
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

    imp, images: an ImagePlus, which need not be shown, the title of an open image, or a path; a list of such; or a
    folder; else the active image.
    truth: the same for each image, in the same order; or a folder, whose files are paired by their names.
    model: a list of names, or a comma list.
    """
    if isinstance(imp, (list, tuple)) or (is_place(imp) and with_title(imp) is None):
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


def _call(command, given_imp, options):
    """Call a command; when a file of it could not be written, what it made is shown before the error is raised."""
    imp = subject(command, given_imp)
    texts, given = _part(command, options)
    result = call(command, write_options(texts), imp, given)
    if result.failure is not None:
        show(result)
    return result


def _part(command, options):
    """Part options into texts and what names images."""
    texts, given = {}, Given()
    for name, value in options.items():
        is_list = isinstance(value, (list, tuple))
        values = list(value) if is_list else [value]
        if any(isinstance(each, ImagePlus) for each in values) or (is_list and name in PLACES):
            _check_images(command, name, values)
            given.add(name, values)
        else:
            texts[name] = value
    return texts, given


def _check_images(command, name, values):
    for index, each in enumerate(values):
        if not isinstance(each, ImagePlus) and not is_place(each):
            raise failure(
                "%s with %s=" % (command, name),
                "number %d of the list is a %s" % (index + 1, type(each).__name__),
                "give images, titles of open images, or paths (IJ.openImage gives None for what it cannot open)",
            )


def write_options(values):
    """Write a dictionary as the options of a macro call; None is left out."""
    parts = []
    for key in sorted(values):
        value = values[key]
        if value is None:
            continue
        if isinstance(value, (list, tuple)):
            value = u",".join(unicode(each) for each in value)  # noqa: F821 - Jython is Python 2
        text = ("true" if value else "false") if isinstance(value, bool) else unicode(value)  # noqa: F821
        bare = text and not any(letter.isspace() or letter in "[]" for letter in text)
        parts.append(u"%s=%s" % (key.rstrip("_"), text if bare else u"[%s]" % text))
    return u" ".join(parts)
