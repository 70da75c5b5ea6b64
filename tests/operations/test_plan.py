import socket

from recommender.operations.plan import count_cores, make_plan
from tests.servers import choose_port


def plan_for(tmp_path, environment, *, port=None, processes=2, said=None):
    return make_plan(tmp_path, port or choose_port(), processes, environment, (said if said is not None else []).append)


def test_its_environment_leads_to_the_servers_it_starts(tmp_path):
    plan = plan_for(tmp_path, {})
    environment = plan.environment()
    assert environment["REDIS_URL"] == f"redis://127.0.0.1:{plan.redis_port}/0"
    assert environment["MILVUS_URI"] == f"http://127.0.0.1:{plan.milvus_port}"
    assert environment["SOUNDALIKE_HOME"] == str(tmp_path)
    assert environment["SOUNDALIKE_PORT"] == str(plan.web_port)


def test_servers_that_run_elsewhere_are_left_alone(tmp_path):
    plan = plan_for(tmp_path, {"REDIS_URL": "redis://elsewhere/0", "MILVUS_URI": "http://elsewhere:19530"})
    assert plan.redis_port is None
    assert plan.milvus_port is None
    assert not {"REDIS_URL", "MILVUS_URI"} & plan.environment().keys()


def test_empty_addresses_count_as_none(tmp_path):
    plan = plan_for(tmp_path, {"REDIS_URL": "", "MILVUS_URI": ""})
    assert plan.redis_port
    assert plan.milvus_port


def test_a_taken_port_is_replaced_and_said(tmp_path):
    said = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        plan = plan_for(tmp_path, {}, port=taken, said=said)
    assert plan.web_port > taken
    assert f"Port {taken} is taken: the web server gets {plan.web_port}" in said


def test_no_two_servers_get_the_same_port(tmp_path):
    plan = plan_for(tmp_path, {}, port=6390)
    assert len({plan.web_port, plan.redis_port, plan.milvus_port}) == 3


def test_one_analysis_process_a_core_unless_a_number_is_given(tmp_path):
    assert plan_for(tmp_path, {}, processes=0).analysis_processes == count_cores()
    assert plan_for(tmp_path, {}, processes=3).analysis_processes == 3
