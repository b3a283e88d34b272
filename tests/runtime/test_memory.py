from pybridge.runtime import memory


def test_the_budget_follows_what_is_free(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 100 << 20)
    assert memory.tile_budget_px(1000) == int(0.4 * (100 << 20) / 1000)
    monkeypatch.setattr(memory, "available_bytes", lambda: 1 << 40)
    assert memory.tile_budget_px(1000) == int(memory.MOST_ACTIVATIONS_BYTES / 1000)


def test_there_is_always_room_for_one_small_tile(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 0)
    assert memory.tile_budget_px(1e6) == 4096
