"""The official Anthropic SDK for Python."""

from anthropic import Anthropic

from questions import answer_all


def request_of(question):
    content = [{"type": "text", "text": question["text"]}]
    if "image" in question:
        source = {"type": "base64", "media_type": "image/png", "data": question["image"]}
        content.insert(0, {"type": "image", "source": source})
    request = {
        "model": "asked-for",
        "max_tokens": 100,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": content}, *messages_of(question.get("round"))],
    }
    if "tool" in question:
        tool = question["tool"]
        request["tools"] = [
            {"name": tool["name"], "description": tool["description"], "input_schema": tool["schema"]}
        ]
    return request


def messages_of(past):
    if past is None:
        return []
    calls = [{"type": "tool_use", "id": call["id"], "name": call["name"], "input": call["input"]} for call in past["calls"]]
    results = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": result}
        for call, result in zip(past["calls"], past["results"])
    ]
    return [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]


def answer_of(message):
    calls = [
        {"id": block.id, "name": block.name, "input": block.input}
        for block in message.content
        if block.type == "tool_use"
    ]
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "calls": calls,
        "finish": message.stop_reason,
        "usage": {"input": message.usage.input_tokens, "output": message.usage.output_tokens},
    }


def ask(client, question):
    return answer_of(client.messages.create(**request_of(question)))


def stream(client, question):
    with client.messages.stream(**request_of(question)) as events:
        pieces = list(events.text_stream)
        return {**answer_of(events.get_final_message()), "pieces": pieces}


answer_all(lambda: Anthropic(max_retries=0), {"ask": ask, "stream": stream})
