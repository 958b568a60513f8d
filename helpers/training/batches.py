"""The batches of a run, in an order that follows from seed and epoch alone."""

import functools

import keras
import numpy as np


class Batches(keras.utils.PyDataset):
    """Endless batches. A run that goes on from epoch `start` sees what an uninterrupted one would have seen."""

    num_batches = None  # endless for Keras, which is told the steps of an epoch

    def __init__(self, images, labels, batch, seed, start=0, augment=None, divisor=1, share=(0, 1)):
        super().__init__(workers=1)
        self.images, self.labels, self.batch, self.seed, self.start = images, labels, batch, seed, start
        self.augment, self.divisor, self.share = augment, divisor, share
        self.steps = -(-len(labels) // batch)
        self.order = functools.lru_cache(maxsize=2)(self.order)

    def order(self, epoch: int) -> np.ndarray:
        """The order of the pictures in one epoch."""
        return np.random.default_rng([self.seed, epoch]).permutation(len(self.labels))

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        epoch, step = self.start + i // self.steps, i % self.steps
        index = self.order(epoch)[step * self.batch : (step + 1) * self.batch]
        if short := -len(index) % self.divisor:  # several devices share a batch alike: the last one is filled up
            index = np.concatenate([index, self.order(epoch)[:short]])
        images = self.images[index][..., None]
        if self.augment is not None:
            images = self.augment(images, [self.seed, epoch, step])
        mine = slice(self.share[0], None, self.share[1])  # of several hosts, each feeds its own share
        return images[mine], self.labels[index][mine]
