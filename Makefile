.PHONY: demo setup test test-full check bench

PYTHON_BIN := .venv/bin/python
export PAYDESK_STARTED := $(shell date +%s.%N)

setup:
	@bin/setup

demo: setup
	@PAYDESK_DEMO=1 exec $(PYTHON_BIN) manage.py demo

test: setup
	@bin/test

test-full: setup
	@PAYDESK_TEST_FULL=1 bin/test

check: setup
	@bin/check

bench: setup
	@$(PYTHON_BIN) -m tests.benchmarks --scale $(or $(SCALE),small) $(if $(ONLY),--only $(ONLY))
