"""A worker of pytest-xdist that dies: the run ends, says who died of what, and what it left is run by others."""

from types import SimpleNamespace

import pytest

from pytest_mlquality.gate.scheduling import SubjectScheduling

# As long as a busy machine may take: a run that hangs is ended then, and the test fails.
BOUND_S = 150
DYING = "import os\ndef test_1(): pass\ndef test_2(): os._exit(1)\ndef test_3(): pass\ndef test_4(): pass\n"


class Worker:
    """What a scheduler sees of a worker: it runs a test once it knows the next one, or that there is none."""

    def __init__(self, scheduler, name, tests):
        self.scheduler = scheduler
        self.gateway = SimpleNamespace(id=name)
        self.tests = tests
        self.waiting = []
        self.shutting_down = False
        scheduler.add_node(self)

    def collect(self):
        self.scheduler.add_node_collection(self, self.tests)
        if self.scheduler.collection_is_completed:
            self.scheduler.schedule()

    def send_runtest_some(self, indices):
        self.waiting += indices

    def shutdown(self):
        self.shutting_down = True

    @property
    def next_test(self):
        runs = len(self.waiting) >= (1 if self.shutting_down else 2)
        return self.tests[self.waiting[0]] if runs else None

    def run(self, *, until=None):
        """Run what may be run, up to the test that kills the worker; return what was run."""
        done = []
        while (test := self.next_test) is not None and test != until:
            done.append(test)
            self.scheduler.mark_test_complete(self, self.waiting.pop(0))
        return done


@pytest.fixture
def scheduler(pytester):
    """One for two workers, with the subject s and ordinary tests."""
    config = pytester.parseconfig("--tx=2*popen", "--dist=load")
    return SubjectScheduling(config, None, lambda test: "s" if test.startswith("s") else None)


@pytest.fixture
def alone(scheduler):
    scheduler.numnodes = 1
    return scheduler


@pytest.mark.parametrize("dies_of", range(5))
def test_what_a_dead_worker_leaves_is_run_by_the_one_in_its_place(alone, dies_of):
    tests = ["a", "s1", "s2", "s3", "b"]
    first = Worker(alone, "gw0", tests)
    first.collect()
    before = first.run(until=tests[dies_of])
    assert alone.remove_node(first) == tests[dies_of]
    second = Worker(alone, "gw1", tests)
    second.collect()
    assert sorted([*before, tests[dies_of], *second.run()]) == sorted(tests)
    assert second.shutting_down
    assert alone.tests_finished


def test_a_test_that_kills_its_worker_kills_no_second_one(alone):
    died_of = []
    for name in ("gw0", "gw1", "gw2"):
        worker = Worker(alone, name, ["a", "b", "c"])
        worker.collect()
        died_of.append(worker.next_test)
        assert alone.remove_node(worker) == worker.next_test
    assert sorted(died_of) == ["a", "b", "c"]
    assert not alone.has_pending


def test_of_two_workers_the_living_one_goes_on(scheduler):
    tests = [*"abcdef"]
    first, second = Worker(scheduler, "gw0", tests), Worker(scheduler, "gw1", tests)
    first.collect()
    second.collect()
    crashed = scheduler.remove_node(first)
    third = Worker(scheduler, "gw2", tests)
    ran = second.run()
    third.collect()
    ran += third.run() + second.run()
    assert sorted([crashed, *ran]) == tests


@pytest.mark.parametrize("collected", [True, False])
def test_a_worker_that_dies_before_the_others_have_collected_stops_nobody(scheduler, collected):
    tests = [*"abcd"]
    first, second = Worker(scheduler, "gw0", tests), Worker(scheduler, "gw1", tests)
    if collected:
        first.collect()
    assert scheduler.remove_node(first) is None
    second.collect()
    assert (second.waiting, second.shutting_down) == ([], False)
    third = Worker(scheduler, "gw2", tests)
    third.collect()
    assert sorted(second.run() + third.run() + second.run()) == tests


def test_a_worker_that_collects_other_tests_than_the_dead_one_ends_the_run(alone):
    first = Worker(alone, "gw0", [*"abcd"])
    first.collect()
    first.run(until="b")
    alone.remove_node(first)
    told = []
    alone.config.pluginmanager.register(SimpleNamespace(pytest_collectreport=lambda report: told.append(report)))
    second = Worker(alone, "gw1", [*"abxy"])
    second.collect()
    assert second.run() == []
    assert second.shutting_down
    assert alone.tests_finished
    assert "'gw1' took the place of one that died" in told[0].longrepr


def run(project, *options):
    return project.pytester.runpytest_subprocess("--ml-quality", "-p", "xdist", *options, timeout=BOUND_S)


@pytest.mark.parametrize("options", [("-n1",), ("-n2", "--dist=loadscope", "--max-worker-restart=0")])
def test_a_run_whose_worker_dies_ends_and_says_who(project, options):
    project.write("test_dying.py", DYING)
    result = run(project, *options)
    result.stdout.fnmatch_lines(["*worker 'gw?' crashed while running 'test_dying.py::test_2'*"])
    assert result.ret == 1


def test_a_model_that_kills_its_worker_never_passes(project):
    project.write(
        "deadly.py",
        "import os, pytest_mlquality\n@pytest_mlquality.model(features=['income', 'age'], classes=[0, 1])\n"
        "def model(frame): os.kill(os.getpid(), 9)\n",
    )
    project.settings(replace={'uri = "model.skops"': 'uri = "python:deadly:model"'})
    project.write("test_ordinary.py", "def test_it(): pass\n")
    result = run(project, "-n1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*worker 'gw?' crashed while running 'mlquality.toml::performance::*"])
    result.stdout.fnmatch_lines(["*1 passed*"])
    assert project.evidence()["verdict"] == "incomplete"
