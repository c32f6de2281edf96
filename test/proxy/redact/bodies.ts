// Requests of every dialect and operation with one text in one of the places where text hides. Used by the tests that
// look for it behind the mask.
export interface Position {
  readonly name: string
  /** On the proxy. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: (text: string) => object
}

const json = (value: unknown) => JSON.stringify(value)

const chat = (message: object, more: object = {}) => ({ model: 'm', messages: [message], ...more })
const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const MESSAGES = '/v1/messages'
const GEMINI = '/v1beta/models/m:generateContent'
const OLLAMA = '/api/chat'

const toolCall = (argumentsText: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: argumentsText } }],
})
const respond = (item: object) => ({ model: 'm', input: [item] })
const say = (block: object, more: object = {}) => ({
  model: 'm',
  max_tokens: 9,
  messages: [{ role: 'user', content: [block] }],
  ...more,
})
const generate = (part: object, more: object = {}) => ({ contents: [{ role: 'user', parts: [part] }], ...more })

const at = (path: string, positions: Readonly<Record<string, (text: string) => object>>): readonly Position[] =>
  Object.entries(positions).map(([name, body]) => ({ name: `${path} ${name}`, path, body }))

export const POSITIONS: readonly Position[] = [
  ...at(CHAT, {
    user: (text) => chat({ role: 'user', content: text }),
    system: (text) => chat({ role: 'system', content: text }),
    developer: (text) => chat({ role: 'developer', content: text }),
    assistant: (text) => chat({ role: 'assistant', content: text }),
    part: (text) => chat({ role: 'user', content: [{ type: 'text', text }] }),
    'tool result': (text) => chat({ role: 'tool', tool_call_id: 'call_1', content: text }),
    'arguments in history': (text) => chat(toolCall(json({ to: text, n: 1 }))),
    'arguments that are a text': (text) => chat(toolCall(json(text))),
    'broken arguments': (text) => chat(toolCall(`{"to": ${json(text)}`)),
    'nested arguments': (text) => chat(toolCall(json({ a: [{ b: { c: text } }] }))),
    reasoning: (text) => chat({ role: 'assistant', content: 'x', reasoning_content: text }),
    'tool description': (text) =>
      chat(
        { role: 'user', content: 'x' },
        { tools: [{ type: 'function', function: { name: 'f', description: text } }] },
      ),
    'enum value': (text) =>
      chat(
        { role: 'user', content: 'x' },
        { tools: [{ type: 'function', function: { name: 'f', parameters: { properties: { a: { enum: [text] } } } } }] },
      ),
    'user field': (text) => chat({ role: 'user', content: 'x' }, { user: text }),
    metadata: (text) => chat({ role: 'user', content: 'x' }, { metadata: { who: text } }),
    'file name': (text) =>
      chat({
        role: 'user',
        content: [{ type: 'file', file: { filename: text, file_data: 'data:application/pdf;base64,AAAA' } }],
      }),
    'unknown field': (text) => chat({ role: 'user', content: 'x' }, { something_new: { deep: [text] } }),
    'code block': (text) => chat({ role: 'user', content: `\`\`\`js\nconst a = ${json(text)}\n\`\`\`` }),
    'name of a member': (text) => chat({ role: 'user', content: 'x' }, { metadata: { [text]: 'x' } }),
    prediction: (text) => chat({ role: 'user', content: 'x' }, { prediction: { type: 'content', content: text } }),
    stop: (text) => chat({ role: 'user', content: 'x' }, { stop: [text] }),
  }),
  ...at('/v1/completions', {
    prompt: (prompt) => ({ model: 'm', prompt }),
    prompts: (prompt) => ({ model: 'm', prompt: [prompt] }),
  }),
  ...at('/v1/embeddings', {
    input: (input) => ({ model: 'm', input }),
    inputs: (input) => ({ model: 'm', input: ['x', input] }),
  }),
  ...at(RESPONSES, {
    input: (input) => ({ model: 'm', input }),
    instructions: (instructions) => ({ model: 'm', input: 'x', instructions }),
    message: (content) => respond({ role: 'user', content }),
    part: (text) => respond({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }),
    'function call': (text) =>
      respond({ type: 'function_call', call_id: 'c', name: 'f', arguments: json({ a: text }) }),
    'function call output': (output) => respond({ type: 'function_call_output', call_id: 'c', output }),
    'output part': (text) =>
      respond({ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text }] }),
    'custom call': (input) => respond({ type: 'custom_tool_call', call_id: 'c', name: 'f', input }),
    summary: (text) => respond({ type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text }] }),
    'shell output': (stdout) => respond({ type: 'shell_call_output', call_id: 'c', output: [{ stdout }] }),
    'tool description': (description) => ({
      model: 'm',
      input: 'x',
      tools: [{ type: 'function', name: 'f', description }],
    }),
    'prompt variable': (text) => ({ model: 'm', prompt: { id: 'p', variables: { who: text } } }),
  }),
  ...at(MESSAGES, {
    user: (content) => ({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content }] }),
    system: (system) => say({ type: 'text', text: 'x' }, { system }),
    'system part': (text) =>
      say({ type: 'text', text: 'x' }, { system: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }] }),
    part: (text) => say({ type: 'text', text }),
    'tool use': (text) => say({ type: 'tool_use', id: 't', name: 'f', input: { a: { b: [text] } } }),
    'tool result': (content) => say({ type: 'tool_result', tool_use_id: 't', content }),
    'tool result part': (text) => say({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text }] }),
    document: (data) => say({ type: 'document', source: { type: 'text', media_type: 'text/plain', data } }),
    'document title': (title) => say({ type: 'document', title, source: { type: 'text', data: 'x' } }),
    'tool description': (description) =>
      say({ type: 'text', text: 'x' }, { tools: [{ name: 'f', description, input_schema: {} }] }),
    'user id': (text) => say({ type: 'text', text: 'x' }, { metadata: { user_id: text } }),
    'search result': (text) =>
      say({ type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text }] }),
  }),
  ...at('/v1/messages/count_tokens', { user: (content) => ({ model: 'm', messages: [{ role: 'user', content }] }) }),
  ...at(GEMINI, {
    text: (text) => generate({ text }),
    system: (text) => generate({ text: 'x' }, { systemInstruction: { parts: [{ text }] } }),
    'function call': (text) => generate({ functionCall: { name: 'f', args: { a: [text] } } }),
    'function response': (text) => generate({ functionResponse: { name: 'f', response: { result: text } } }),
    'snake case': (text) => generate({ function_response: { name: 'f', response: { result: text } } }),
    code: (code) => generate({ executableCode: { language: 'PYTHON', code } }),
    'tool description': (description) =>
      generate({ text: 'x' }, { tools: [{ functionDeclarations: [{ name: 'f', description }] }] }),
  }),
  ...at('/v1beta/models/m:embedContent', { content: (text) => ({ content: { parts: [{ text }] } }) }),
  ...at('/v1beta/models/m:batchEmbedContents', {
    content: (text) => ({ requests: [{ model: 'models/m', content: { parts: [{ text }] } }] }),
  }),
  ...at('/v1beta/models/m:countTokens', { contents: (text) => generate({ text }) }),
  ...at(OLLAMA, {
    user: (content) => chat({ role: 'user', content }, { stream: false }),
    'tool call': (text) =>
      chat({ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: { a: text } } }] }, { stream: false }),
    'tool result': (content) => chat({ role: 'tool', tool_name: 'f', content }, { stream: false }),
  }),
  ...at('/api/generate', {
    prompt: (prompt) => ({ model: 'm', prompt, stream: false }),
    system: (system) => ({ model: 'm', prompt: 'x', system, stream: false }),
  }),
  ...at('/api/embed', { input: (input) => ({ model: 'm', input: [input] }) }),
  ...at('/prompt', { prompt: (prompt) => ({ prompt }) }),
]
