import pytest

from pybridge import zoo
from pybridge.runtime.session import close_all
from tests.builders import folders, networks


@pytest.fixture(scope="session", autouse=True)
def closed_sessions():
    """Leave no session open for the rooms that come after this one."""
    yield
    close_all()


HALF = [{"type": "batch"}, folders.channel("a", "b"), *folders.tied_axes("yx", scale=0.5)]
SHORTER = [{"type": "batch"}, folders.channel("a", "b"), *folders.tied_axes("yx", offset=-4)]
FULL = [{"type": "batch"}, folders.channel("a"), *folders.tied_axes("yx")]


def described(*axes):
    """Outputs with these axes."""
    return [
        {"id": f"o{index}", "axes": each, "test_tensor": {"source": "test_output.npy"}}
        for index, each in enumerate(axes)
    ]


BUILT = {
    "plain": (networks.plain, {}),
    "deep": (lambda: networks.plain(layers=3, kernel=5), {}),
    "unet": (networks.unet, {"size": {"min": 4, "step": 4}, "channels_out": 3}),
    "folded": (
        lambda: networks.unet(levels=3, fold=True),
        {"size": {"min": 16, "step": 8}, "channels_out": 3, "config": {"decoder": {"name": "offsets"}}},
    ),
    "batches": (networks.open_batch, {"size": {"min": 4, "step": 4}, "channels_out": 3}),
    "two channels": (
        lambda: networks.unet(channels_in=2, channels_out=1),
        {"size": {"min": 8, "step": 4}, "channels_in": 2},
    ),
    "far": (
        lambda: networks.unet(levels=6, width=2, channels_out=1),
        {"size": {"min": 64, "step": 64}},
    ),
    "fixed": (lambda: networks.unet(fixed=(48, 64)), {"size": {"min": 16, "step": 16}, "channels_out": 3}),
    "half": (networks.half_resolution, {"size": {"min": 2, "step": 2}, "outputs": described(HALF)}),
    "shorter": (networks.without_padding, {"size": {"min": 8, "step": 1}, "outputs": described(SHORTER)}),
    "two outputs": (networks.two_outputs, {"size": {"min": 2, "step": 2}, "outputs": described(FULL, HALF)}),
    "volume": (lambda: networks.plain(spatial=3), {"letters": "zyx"}),
    "volume unet": (
        lambda: networks.unet(spatial=3, levels=1),
        {"letters": "zyx", "size": {"min": 2, "step": 2}, "channels_out": 3},
    ),
}


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Make one of the models above, once."""
    made = {}

    def make(name):
        if name not in made:
            network, options = BUILT[name]
            made[name] = zoo.find(folders.write_model(tmp_path_factory.mktemp("model") / "m", network(), **options))
        return made[name]

    return make
