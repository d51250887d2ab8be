"""Texts, ids and assistant masks that transformers' apply_chat_template gives for chat templates in the
manner of well-known ones, written anew, and for constructs of Jinja that templates are made of.

    python tools/golden/tokenizer/chat.py
"""

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

GOLDEN = Path(__file__).parents[3] / "packages/tokenizer/test/golden"

CHATML = """\
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
CHATML_GENERATION = """\
{% for message in messages %}
  {% if message.role == 'assistant' %}
<|im_start|>assistant
{% generation %}{{ message.content }}<|im_end|>{% endgeneration %}

  {% else %}
<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
  {% endif %}
{% endfor %}
{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}
"""
LLAMA_2 = (
    "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = messages[0]['content'] %}"
    "{% else %}{% set rest = messages %}{% set system = false %}{% endif %}"
    "{% for message in rest %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('user and assistant take turns: user/assistant/user/assistant/...') }}{% endif %}"
    "{% if loop.index0 == 0 and system != false %}"
    "{% set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}"
    "{% endfor %}"
)
LLAMA_3 = (
    "{% for message in messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
MISTRAL = """\
{%- if messages[0].role == "system" %}
    {%- set system_message = messages[0].content %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set ns = namespace(index=0) %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or message.tool_calls is defined) %}
        {%- if (message.role == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("Turns must alternate") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message.role == "user" %}
        {%- if tools is not none and loop.last %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}{{- ", " }}{%- else %}{{- "]" }}{%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message.content + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message.content + "[/INST]" }}
        {%- endif %}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}
        {{- "[TOOL_CALLS] [" }}
        {%- for tool_call in message.tool_calls %}
            {{- tool_call.function|tojson }}{{ ", " if not loop.last else "]" + eos_token }}
        {%- endfor %}
    {%- elif message.role == "assistant" %}
        {{- " " + message.content|trim + eos_token }}
    {%- elif message.role == "tool" %}
        {%- if message.content is defined and message.content.content is defined %}
            {%- set content = message.content.content %}
        {%- else %}
            {%- set content = message.content %}
        {%- endif %}
        {{- '[TOOL_RESULTS] {"content": ' + content|string + "}[/TOOL_RESULTS]" }}
    {%- else %}
        {{- raise_exception("No such role: " + message.role) }}
    {%- endif %}
{%- endfor %}
"""
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('There is no system role') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Turns must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
)
ZEPHYR = """\
{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
"""
QWEN_TOOLS = """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You help.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools>\\n\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}<|im_end|>\\n" }}
{%- elif messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
THINKING = """\
{%- macro turn(role, text, last=false) -%}
    {{ '<|im_start|>' ~ role ~ '\\n' ~ text ~ '<|im_end|>' }}{{ '' if last else '\\n' }}
{%- endmacro -%}
{#- What was thought before the last question is left out. -#}
{%- set ns = namespace(last=-1) -%}
{%- for message in messages if message.role == 'user' -%}
    {%- set ns.last = loop.index0 -%}
{%- endfor -%}
{%- for message in messages -%}
    {%- set content = message.content -%}
    {%- if message.role == 'assistant' and '</think>' in content and not loop.last -%}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') -%}
    {%- endif -%}
    {{ turn(message.role, content, last=loop.last and not add_generation_prompt) }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    <|im_start|>assistant
{% if enable_thinking is defined and enable_thinking is false %}
<think>

</think>

{% endif %}
{%- endif -%}
"""
WHITE_SPACE = """\
  {# a comment on a line of its own #}
first
    {% if true %}
  kept spaces {{ 'x' }}
	{%- if messages %}  trimmed before{% endif -%}
   trimmed after
{%+ if true %}  plus{% endif +%}

  {% endif %}
{{- '\\ttab' -}}

   {{ '}}' }} {{ {'a': {'b': 1}}['a']['b'] }} {{ "it's %} fine" }}
{% for message in messages %}
{% if loop.first %}{% continue %}{% endif %}
{% if loop.index == 4 %}{% break %}{% endif %}
{{ loop.index }}/{{ loop.length }} {{ message.role | length }}
{% else %}
nothing
{% endfor %}
{% set block %}
inside {{ messages | length }}
{% endset %}
{{ block | upper | trim }}

the end

"""
EXPRESSIONS = """\
{{ [1, 2, 3] | join('-') }} {{ 7 // 2 }} {{ 7 % 3 }} {{ 2 ** 5 }} {{ -3 + 1 }} {{ 'y' if 1 < 2 and not false else 'n' }}
{{ messages | map(attribute='role') | join(', ') }}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }}
{{ messages[-1].content[:5] }} {{ messages[0]['nothing'] | default('none') }} {{ missing }}
{{ 'a,b,c'.split(',') | last }} {{ ' x '.strip() ~ '|' }} {{ 'He' if 'Heddle'.startswith('He') }} {{ 'abc' | replace('b', '__proto__') }}
{{ {'hasOwnProperty': 1, 'é': [true, none, 1.5]} | tojson }} {{ [{'a': 1}] | tojson(indent=2) }}
{{ messages[0].content | tojson }} {{ messages[0].content | tojson(ensure_ascii=true) }}
{{ range(2, 9, 3) | list | join(' ') }} {{ 'x' if messages | length > 100 else 'y' }} {{ 'é中' | length }}
{%- for key, value in {'b': 2, 'a': 1} | dictsort %} {{ key }}={{ value }}{% endfor %}
"""
TEMPLATES = {
    "ChatML": CHATML,
    "ChatML, generation": CHATML_GENERATION,
    "Llama 2": LLAMA_2,
    "Llama 3": LLAMA_3,
    "Mistral": MISTRAL,
    "Gemma": GEMMA,
    "Zephyr": ZEPHYR,
    "Qwen, tools": QWEN_TOOLS,
    "thinking": THINKING,
    "white space": WHITE_SPACE,
    "expressions": EXPRESSIONS,
}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather of a place, “now”.",
            "parameters": {
                "type": "object",
                "properties": {"place": {"type": "string", "enum": ["Zürich", "東京"]}},
                "required": ["place"],
            },
        },
    }
]


def message(role: str, content: str) -> dict:
    return {"role": role, "content": content}


CHATS = {
    "question": {"messages": [message("user", "Who are you?")]},
    "turns": {
        "messages": [
            message("user", "  Hello there! "),
            message("assistant", "Hi. <think>\nhm</think>\n\nHow can I help?\n"),
            message("user", "Sing “la 中文 😀”."),
            message("assistant", "La la.\n\nLa!"),
        ]
    },
    "system": {
        "messages": [
            message("system", "You answer in one word."),
            message("user", "Is hasOwnProperty a word?"),
            message("assistant", "__proto__"),
            message("user", ""),
        ]
    },
    "wrong turns": {"messages": [message("user", "a"), message("user", "b")]},
    "tools": {
        "messages": [
            message("user", "What is the weather in Zürich?"),
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "type": "function",
                        "function": {"name": "weather", "arguments": {"place": "Zürich"}},
                    }
                ],
            },
            message("tool", '{"degrees": 21.5}'),
            message("assistant", "It is 21.5 °C."),
            message("user", "And in 東京?"),
        ],
        "tools": TOOLS,
    },
}
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
CONTROL = [
    "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
    "<start_of_turn>", "<end_of_turn>", "<|user|>", "<|system|>", "<|assistant|>", "[INST]", "[/INST]",
]  # fmt: skip


def tokenizer() -> PreTrainedTokenizerFast:
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    corpus = [value for template in TEMPLATES.values() for value in template.split("\n")]
    corpus += [m["content"] or "" for chat in CHATS.values() for m in chat["messages"]] * 3
    trained.train_from_iterator(
        corpus,
        trainers.BpeTrainer(
            vocab_size=420,
            special_tokens=[*SPECIAL.values(), *CONTROL],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(tokenizer_object=trained, **SPECIAL)


def applied(hf: PreTrainedTokenizerFast, template: str, chat: dict, prompt: bool) -> dict:
    arguments = {"chat_template": template, "add_generation_prompt": prompt, **chat}
    messages = arguments.pop("messages")
    try:
        text = hf.apply_chat_template(messages, tokenize=False, **arguments)
    except Exception as error:
        return {"refused": str(error)}
    ids = hf.apply_chat_template(messages, return_dict=True, **arguments)["input_ids"]
    if "{% generation %}" not in template:
        return {"text": text, "ids": ids}
    masked = hf.apply_chat_template(
        messages, return_dict=True, return_assistant_tokens_mask=True, **arguments
    )
    return {"text": text, "ids": ids, "mask": masked["assistant_masks"]}


def main() -> None:
    hf = tokenizer()
    cases = [
        {"template": name, "chat": chat, "prompt": prompt, **applied(hf, template, CHATS[chat], prompt)}
        for name, template in TEMPLATES.items()
        for chat in CHATS
        for prompt in (False, True)
    ]
    golden = {
        "tokenizer": json.loads(hf.backend_tokenizer.to_str()),
        "special": SPECIAL,
        "templates": TEMPLATES,
        "chats": CHATS,
        "cases": cases,
    }
    path = GOLDEN / "chat.json"
    path.write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, len(cases), sum("refused" in case for case in cases))


main()
