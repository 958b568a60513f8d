"""What is right in the exercises of notebook 14, and the hints for likely mistakes."""

from helpers import checks


def exercise_1(answer):
    """The points that 542 remembered twins of 7,066 pictures can add at most to an accuracy of 66.12%."""
    right = 100 * (1 - 0.6612) * 542 / 7_066
    hints = [
        (100 * 542 / 7_066, "That is the share of twins. Those that were right anyway add nothing."),
        (7.7, "That is the share of twins. Those that were right anyway add nothing."),
        (542 / 7_066, "That is the share of twins, not in points. Those that were right anyway add nothing."),
        (right / 100, "That is a share; the exercise wants points, hundredths."),
        (100 * 0.6612 * 542 / 7_066, "Those are the twins that were right anyway. Only the others can be gained."),
        (100 * (1 - 0.6612) * 542 / 28_821, "The gain is a share of the validation pictures: divide by 7,066."),
        (66.12 + right, "That is the accuracy afterwards; by how many points does it rise?"),
        (100 * (0.9064 - 0.6612), "That is what the report reads. How much of it can the twins be?"),
        (542 * (1 - 0.6612), "Those are pictures. How many points of 7,066 pictures are they?"),
    ]
    return checks.number(answer, right, hints, atol=0.1)


def exercise_2(answer):
    """The accuracy on validation pictures of which 80.3% are known like training pictures."""
    seen = 28_821 / 35_887
    right = seen * 0.9703 + (1 - seen) * 0.6612
    hints = [
        ((1 - seen) * 0.9703 + seen * 0.6612, "The shares are swapped: most of the pictures have been seen."),
        ((0.9703 + 0.6612) / 2, "That is the plain mean: weigh the two with their shares."),
        (0.6612 + seen * 0.9703, "The seen pictures count twice here: 0.6612 holds for the others only."),
        (0.6612 + seen * (1 - 0.6612), "That is for pictures that are known perfectly, not to 97.03%."),
        (seen * 0.9703, "That leaves the pictures out that were not seen."),
        (0.9703, "That would be right if all validation pictures had been seen."),
        (0.9064, "That is what the report reads. What does the sum give?"),
    ]
    return checks.number(answer, right, hints)
