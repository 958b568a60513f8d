"""The exercises of notebook 05: answers that their checks must reject, and others that they must accept."""

THREE = 'keras.Sequential([layers.RandomFlip("{flip}"), layers.RandomRotation({turn}), layers.RandomZoom({zoom})])'
GOOD = THREE.format(flip="horizontal", turn="10 / 360", zoom="0.1")

ANSWERS = [
    {
        "wrong": ["factor = 10", "factor = 0.1", "factor = np.radians(10)", "factor = 20 / 360", "factor = 10 / 180"],
        "right": ["factor = 0.02777777778", "factor = 1 / 36"],
    },
    {
        "wrong": [
            f"always_on = {GOOD}\naugmentation = lambda images, training=False: always_on(images, training=True)",
            f"augmentation = {THREE.format(flip='horizontal_and_vertical', turn='10 / 360', zoom='0.1')}",
            f"augmentation = {THREE.format(flip='vertical', turn='10 / 360', zoom='0.1')}",
            f"augmentation = {THREE.format(flip='horizontal', turn='0.5', zoom='0.1')}",
            f"augmentation = {THREE.format(flip='horizontal', turn='0.1', zoom='0.1')}",
            f"augmentation = {THREE.format(flip='horizontal', turn='10 / 360', zoom='0.4')}",
            'augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(10 / 360)])',
            'augmentation = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomZoom(0.1)])',
            "augmentation = keras.Sequential([layers.RandomRotation(10 / 360), layers.RandomZoom(0.1)])",
            "augmentation = keras.Sequential([layers.Rescaling(1.0)])",
            "augmentation = 0.1",
        ],
        "right": [
            "augmentation = keras.Sequential([layers.RandomZoom(0.1), layers.RandomRotation((-1 / 36, 1 / 36)), layers.RandomFlip('horizontal')])",
            f"inner = {GOOD}\naugmentation = lambda images, training=False: inner(images, training=training)",
        ],
    },
    {
        "wrong": [
            "keeps = (1, 3, 6)",
            "keeps = (1, 2, 3, 4, 6)",
            "keeps = (1, 2, 3, 4, 5, 6, 7, 8)",
            "keeps = (1, 3, 4, 6, 8)",
            "keeps = 1",
        ],
        "right": ["keeps = (6, 4, 3, 1)", "keeps = [1, 3, 4, 6]"],
    },
]
