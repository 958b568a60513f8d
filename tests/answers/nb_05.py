"""The exercises of notebook 05: right answers, and wrong ones with a word of the hint they must get."""


def layer(flip="'horizontal'", turn="10 / 360", zoom="0.1") -> str:
    """The stack of three layers, with something changed or left out."""
    parts = (("RandomFlip", flip), ("RandomRotation", turn), ("RandomZoom", zoom))
    return f"keras.Sequential([{', '.join(f'layers.{name}({value})' for name, value in parts if value)}])"


ANSWERS = [
    {
        "right": ["factor = 0.0278", "factor = np.float32(1 / 36)", "factor = (-10 / 360, 10 / 360)[1:]"],
        "wrong": [
            ("factor = 10", "ten turns"),
            ("factor = 0.1", "36 degrees"),
            ("factor = np.radians(10)", "radians"),
            ("factor = 20 / 360", "each side"),
            ("factor = 10 / 180", "360 degrees"),
            ("factor = 0.028", "three significant digits"),
            ("factor = (-10 / 360, 10 / 360)", "one number"),
        ],
    },
    {
        "right": [
            "augmentation = keras.Sequential([layers.RandomZoom(0.1), layers.RandomRotation((-1 / 36, 1 / 36)),"
            " layers.RandomFlip('horizontal')])",
            f"inner = {layer()}\naugmentation = lambda images, training=False: inner(images, training=training)",
            "image = keras.Input((48, 48, 1))\n"
            f"augmentation = keras.Model(image, {layer(turn='10 / 360, fill_mode=`nearest`'.replace('`', chr(39)))}(image))",
        ],
        "wrong": [
            (
                f"always_on = {layer()}\naugmentation = lambda images, training=False: always_on(images, training=True)",
                "always on",
            ),
            (f"augmentation = {layer(flip=chr(39) + 'horizontal_and_vertical' + chr(39))}", "upside down"),
            (f"augmentation = {layer(flip='')}", "mirrored"),
            (f"augmentation = {layer(turn='')}", "rotation is missing"),
            (f"augmentation = {layer(zoom='')}", "zoom is missing"),
            (f"augmentation = {layer(turn='0.1')}", "36 degrees"),
            (f"augmentation = {layer(turn='5 / 360')}", "5 degrees"),
            (f"augmentation = {layer(turn='(0, 10 / 360)')}", "one side"),
            (f"augmentation = {layer(turn='(-10 / 360, 0)')}", "one side"),
            (f"augmentation = {layer(zoom='0.1, 0.1')}", "stretches"),
            (f"augmentation = {layer(zoom='0.3')}", "size runs"),
            (f"augmentation = {layer(zoom='(0, 0.1)')}", "size runs"),
            ("augmentation = keras.Sequential([layers.Rescaling(1 / 255)])", "training=False"),
            ("augmentation = 0.1", "TypeError"),
        ],
    },
    {
        "right": ["keeps = (6, 4, 3, 1)", "keeps = {1, 3, 4, 6}", "keeps = np.array([1, 3, 4, 6], 'float32')"],
        "wrong": [
            ("keeps = (1, 3, 6)", "darker room"),
            ("keeps = {1, 2, 3, 4, 6}", "seven smiles"),
            ("keeps = (1, 3, 4, 5, 6, 8)", "nose"),
            ("keeps = (1, 3, 4, 6, 8)", "mixup"),
            ("keeps = 7", "smile"),
            ("keeps = ()", "missing"),
            ("keeps = (1, 9)", "from 1 to 8"),
            ("keeps = (1, None)", "from 1 to 8"),
            ("keeps = '1, 3'", "from 1 to 8"),
        ],
    },
]
