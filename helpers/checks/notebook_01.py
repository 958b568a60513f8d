"""What is right in the exercises of notebook 01, and the hints for likely mistakes."""

from helpers import checks

PARTS = ("Training", "PublicTest", "PrivateTest")


def exercise_1(answer):
    """How many file names belong to each part."""

    def counts(names):
        return tuple(sum(name.split("/")[-1].startswith(part) for name in names) for part in PARTS)

    kaggle = [
        "train/sad/Training_1.png",
        "test/sad/PublicTest_2.png",
        "test/a/PrivateTest_3.png",
        "test/b/PrivateTest_4.png",
    ]
    odd = ["test/happy/PrivateTest_7.png", "train/PublicTest_like_folder/Training_8.png"]
    hints = [
        (
            lambda names: tuple(sum(part in name for name in names) for part in PARTS),
            "A folder's name may contain such a word, too: look at the last piece of the path alone.",
        ),
        (
            lambda names: tuple(sum(name.startswith(part) for name in names) for part in ("train", "test", "test")),
            "The folders have two names for three parts: look at the file's own name.",
        ),
        (
            lambda names: tuple(sum(name.startswith(part) for name in names) for part in PARTS),
            "A name here is a path: the file's own name is its last piece.",
        ),
        (len, "Three numbers are wanted, one for each part."),
    ]
    return checks.function(answer, counts, [(kaggle,), (odd,), ([],)], hints)


def exercise_2(answer, train_images, test_images):
    """How many test pictures are pixel for pixel in the training part."""
    known = {image.tobytes() for image in train_images}
    twins = sum(image.tobytes() in known for image in test_images)
    hints = [
        (0, "Copies have new names: compare pixels, not names."),
        (len(train_images) - len(known), "Those are the repeats within the training part; compare test with training."),
        (len(known), "That is how many different pictures the training part has."),
        (twins / len(test_images), "That is the share; the number of pictures is wanted."),
    ]
    return checks.number(answer, twins, hints)


def exercise_3(answer):
    """The megabytes of a batch."""
    numbers = 64 * 224 * 224 * 3
    hints = [
        (numbers / 1e6, "A 32-bit float takes four bytes, not one."),
        (numbers * 4 / 3 / 1e6, "There are three channels."),
        (numbers * 4 / 64 / 1e6, "That is a single face; the batch has 64."),
        (numbers * 4 / 2**20, "Those are mebibytes (2 to the 20th); here a megabyte is a million bytes."),
        (float(numbers * 4), "Those are bytes; a megabyte has a million."),
    ]
    return checks.number(answer, numbers * 4 / 1e6, hints)
