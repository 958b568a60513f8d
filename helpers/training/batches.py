"""The batches of a run, in an order that follows from seed and epoch alone."""

import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    """Endless batches. A run that goes on from epoch `start` sees what an uninterrupted one would have seen."""

    num_batches = None  # endless for Keras, which is told the steps of an epoch

    def __init__(
        self, images, labels, batch, seed, start=0, augment=None, class_weight=None, devices=1, share=(0, 1)
    ):  # fmt: skip
        super().__init__(workers=1)
        self.images, self.labels, self.batch, self.seed, self.start = images, labels, batch, seed, start
        self.augment, self.class_weight, self.devices, self.share = augment, class_weight, devices, share
        self.steps = -(-len(labels) // batch)

    def __getitem__(self, i: int) -> tuple[np.ndarray, ...]:
        epoch, step = self.start + i // self.steps, i % self.steps
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.labels))
        index = order[step * self.batch : (step + 1) * self.batch]
        images, labels = self.images[index][..., None], self.labels[index]
        if self.augment is not None:
            images = self.augment(images, [self.seed, epoch, step])
        if self.class_weight is None and self.devices == 1:
            return images, labels
        return self.shared(images, labels)

    def shared(self, images, labels) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """With weights, and as many pictures for each device: those that fill up the last batch weigh nothing.

        The loss is a mean over all places of a batch, filled ones too; the others weigh more by as much.
        """
        given = self.class_weight or {}
        weights = np.array([given.get(label, 1.0) for label in labels.tolist()], np.float32)
        places = np.arange(len(labels) + -len(labels) % self.devices)
        weights = np.where(places < len(labels), weights[places % len(labels)] * len(places) / len(labels), 0.0)
        mine = places[self.share[0] :: self.share[1]]  # of several hosts, each feeds its own share
        pick = mine % len(labels)
        return images[pick], labels[pick], weights[mine].astype(np.float32)
