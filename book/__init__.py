"""The course as a web site, `make book`: pages made from the committed notebooks, and a front page whose network runs in the browser."""
