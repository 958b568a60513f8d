"""Reference runs: one experiment on the real FER-2013, its record and predictions into helpers/assets/reference.

    make reference NAME=trial_6 DATA=../data/fer2013 SEED=1          python -m benchmarks.reference trial_6 ...

Only numbers are stored: labels, probabilities, scores, versions; never a picture.
"""
