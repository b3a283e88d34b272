"""The image that a command works on, however a script names it: an ImagePlus, an open title, or a file."""

from __future__ import absolute_import

from ij import IJ, ImagePlus
from java.io import File

from pybridge_client.calls import call, open_images
from pybridge_client.failures import failure

WANTED = "give an ImagePlus, the title of an open image, or a path"


def subject(command, given):
    """The ImagePlus that is meant; None stays None. A text is an open title first, then a path."""
    if given is None or isinstance(given, ImagePlus):
        return given
    if isinstance(given, (list, tuple)):
        raise failure(command, "a list of %d" % len(given), "call it for each of them")
    if not is_place(given):
        kind = type(given).__name__
        raise failure(command, "%s %s" % ("an" if kind[0].lower() in "aeiou" else "a", kind), WANTED)
    return with_title(given) or _open(unicode(given))  # noqa: F821 - Jython is Python 2


def is_place(given):
    """Whether this is a text or a file, and so names an image."""
    return isinstance(given, (basestring, File))  # noqa: F821 - Jython is Python 2


def with_title(given):
    """The open image with this title, or None."""
    named = [imp for imp in open_images() if imp.getTitle() == given]
    if len(named) > 1:
        found = "%d open images have this title" % len(named)
        raise failure(u"take '%s'" % given, found, "rename one of them, or give the ImagePlus")
    return named[0] if named else None


def _open(path):
    """Open a file when the worker finds all of it there: ImageJ would show half of one as if it were whole."""
    whole = call("PyBridge Open", u"path=[%s]" % path, None).opened
    imp = IJ.openImage(whole)
    if imp is None:
        raise failure(u"open '%s'" % path, "ImageJ cannot open it as an image", "open it elsewhere and save it as TIFF")
    return imp
