"""The official OpenAI SDK for Python: chat completions."""

import json

from openai import OpenAI

from questions import answer_all


def request_of(question):
    content = question["text"]
    if "image" in question:
        url = "data:image/png;base64," + question["image"]
        content = [{"type": "text", "text": content}, {"type": "image_url", "image_url": {"url": url}}]
    system = {"role": "system", "content": "Be brief."}
    request = {"model": "asked-for", "messages": [system, {"role": "user", "content": content}]}
    request["messages"] += messages_of(question.get("round"))
    if "tool" in question:
        tool = question["tool"]
        function = {"name": tool["name"], "description": tool["description"], "parameters": tool["schema"]}
        request["tools"] = [{"type": "function", "function": function}]
    return request


def messages_of(past):
    if past is None:
        return []
    calls = [
        {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": json.dumps(call["input"], ensure_ascii=False)}}
        for call in past["calls"]
    ]
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": result}
        for call, result in zip(past["calls"], past["results"])
    ]
    return [{"role": "assistant", "tool_calls": calls}, *results]


def usage_of(usage):
    return {"input": usage and usage.prompt_tokens, "output": usage and usage.completion_tokens}


def ask(client, question):
    completion = client.chat.completions.create(**request_of(question))
    choice = completion.choices[0]
    calls = [
        {"id": call.id, "name": call.function.name, "input": json.loads(call.function.arguments)}
        for call in choice.message.tool_calls or []
    ]
    text = choice.message.content or ""
    return {"text": text, "calls": calls, "finish": choice.finish_reason, "usage": usage_of(completion.usage)}


def stream(client, question):
    """As most applications do it: chunk by chunk, fragments of calls put together by their index."""
    pieces, calls, finish, usage = [], {}, None, None
    options = {"include_usage": True}
    for chunk in client.chat.completions.create(**request_of(question), stream=True, stream_options=options):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            if choice.delta.content:
                pieces.append(choice.delta.content)
            for part in choice.delta.tool_calls or []:
                call = calls.setdefault(part.index, {"id": part.id, "name": part.function.name, "input": ""})
                call["input"] += part.function.arguments or ""
    whole = [{**call, "input": json.loads(call["input"])} for _, call in sorted(calls.items())]
    answer = {"text": "".join(pieces), "calls": whole, "finish": finish, "usage": usage_of(usage)}
    return {**answer, "pieces": pieces}


answer_all(lambda: OpenAI(max_retries=0), {"ask": ask, "stream": stream})
