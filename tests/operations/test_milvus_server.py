from recommender.operations.milvus_server import milvus_command, milvus_uri


def test_it_is_bound_to_loopback(tmp_path):
    command = milvus_command(tmp_path, 19540)
    assert command[command.index("--host") + 1] == "127.0.0.1"


def test_it_listens_where_the_uri_says(milvus_server):
    assert milvus_server.startswith("http://127.0.0.1:")
    assert milvus_uri(19540) == "http://127.0.0.1:19540"
