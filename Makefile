# Each target sets itself up: it needs only Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENT ?= clients/demo
SPARK := .spark
S3 := .s3

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONUTF8 = 1

.PHONY: report test spark s3 lint bench walk cluster lab messages lock clean

report: $(READY)  ## the demo shop, from its exports to the report
	$(BIN)/horetsu demo --out clients/demo
	$(BIN)/horetsu run clients/demo

test: $(READY)  ## all tests
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

spark: $(SPARK)/.ready  ## every figure again, on Spark (Java 17 must be there)
	PYTHONPATH=$(CURDIR)/$(SPARK) $(BIN)/pytest tests/test_spark.py tests/test_spark_lost.py tests/test_spark_cluster.py tests/test_stored_on_spark.py

s3: $(S3)/.ready  ## tables and reports on a real S3 server on loopback (moto, s3fs)
	PYTHONPATH=$(CURDIR)/$(S3) $(BIN)/pytest -n 0 tests/test_s3.py

lint: $(READY)  ## style, types, floors, and notebooks without outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	git ls-files -z '*.ipynb' | xargs -0 -r $(BIN)/nbstripout --keep-id --verify

bench: $(READY)  ## speed and memory, beside yardsticks of the same run
	for each in benchmarks benchmarks.whole benchmarks.many benchmarks.controls; do $(BIN)/python -m $$each || exit; done

walk: $(READY)  ## every notebook in a real JupyterLab, its controls moved (`make test` opens one of them)
	HORETSU_WALK=all $(BIN)/pytest -n 0 tests/test_jupyterlab.py

cluster: $(READY)  ## a batch on a real Dask cluster, of which a worker is lost
	HORETSU_CLUSTER=1 $(BIN)/pytest -n 0 tests/test_dask.py

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

messages: $(READY)  ## every message of the package into its catalogues, translations kept
	$(BIN)/python -m horetsu_utils.messages

$(SPARK)/.ready: $(READY)
	$(BIN)/python -c 'import tomllib as t; print(*t.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"])' \
		| xargs $(BIN)/python -m pip install --quiet --target $(SPARK)
	touch $@

$(S3)/.ready: $(READY)
	$(BIN)/python -m pip install --quiet --target $(S3) --constraint requirements.lock s3fs "moto[server]>=5"
	touch $@

lock:  ## write requirements.lock anew from what installs today
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "hatchling>=1.27" "editables>=0.5"
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable ".[dev]"
	$(BIN)/python -m pip freeze --exclude-editable > requirements.lock

clean:
	rm -rf $(VENV) $(SPARK) $(S3) clients/demo reports/demo
