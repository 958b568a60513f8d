"""For a class: the series without solutions, the exercises for nbgrader, and the class's results pooled."""
