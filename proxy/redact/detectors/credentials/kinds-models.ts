// Keys of model providers and of the tools around them, by written form. Sources: the providers' documentation and
// their own console's examples.

import type { CredentialKind } from './kind.ts'

export const MODEL_KINDS: readonly CredentialKind[] = [
  {
    name: 'OpenAiApiKey',
    placeholderWord: 'OPENAIKEY',
    description: 'OpenAI project, service-account, admin and user keys.',
    templates: [
      'sk-proj-{url:40-220}',
      'sk-svcacct-{url:40-220}',
      'sk-admin-{url:40-220}',
      'sk-None-{url:40-220}',
      'sk-{alnum:20}T3BlbkFJ{alnum:20}',
      'sess-{alnum:40}',
    ],
  },
  {
    name: 'AnthropicApiKey',
    placeholderWord: 'CLAUDEKEY',
    description: 'Anthropic API, admin and OAuth keys.',
    templates: [
      'sk-ant-api{digit:2}-{url:80-120}',
      'sk-ant-admin{digit:2}-{url:80-120}',
      'sk-ant-{letter:3}{digit:2}-{url:70-140}',
    ],
  },
  {
    name: 'ModelApiKey',
    placeholderWord: 'MODELKEY',
    description:
      'Keys of model providers that begin with `sk-` and of no one else (DeepSeek, Moonshot, DashScope, Stability).',
    templates: [
      'sk-{alnum:32}',
      'sk-{alnum:48}',
      'sk-{alnum:51}',
      'sk-or-v1-{hex:64}',
      'sk-or-{url:40-80}',
      'sk-sp-{alnum:24-64}',
    ],
  },
  {
    name: 'XaiApiKey',
    placeholderWord: 'XAIKEY',
    description: 'xAI API keys.',
    templates: ['xai-{alnum:80}', 'xai-token-{alnum:80}'],
  },
  {
    name: 'GroqApiKey',
    placeholderWord: 'GROQKEY',
    description: 'Groq API keys.',
    templates: ['gsk_{alnum:48-60}'],
  },
  {
    name: 'HuggingFaceToken',
    placeholderWord: 'HFTOKEN',
    description: 'Hugging Face user and organisation tokens.',
    templates: ['hf_{alnum:34}', 'api_org_{letter:34}', 'hf_oauth_{url:40-400}', 'hf_jwt_{dotted:40-2048}'],
    distinct: 12,
  },
  {
    name: 'PerplexityApiKey',
    placeholderWord: 'PPLXKEY',
    description: 'Perplexity API keys.',
    templates: ['pplx-{alnum:48}'],
  },
  {
    name: 'ReplicateToken',
    placeholderWord: 'REPLICATE',
    description: 'Replicate API tokens.',
    templates: ['r8_{alnum:37}'],
  },
  {
    name: 'InferenceApiKey',
    placeholderWord: 'INFERKEY',
    description:
      'NVIDIA, Fireworks, Together, Cerebras, DeepInfra, Voyage, Zhipu, Cohere-style prefixed keys of inference services.',
    templates: [
      'nvapi-{url:60-70}',
      'fw_{alnum:22-24}',
      'tgp_v1_{url:43}',
      'csk-{alnum:48}',
      'pa-{url:43}',
      'jina_{alnum:60}',
      'voy-{alnum:40-60}',
      'fal-{url:36-80}',
      'rpa_{alnum:40-48}',
      '{hexlow:32}.{alnum:16}',
      'sk-cp-{url:60-160}',
      'tp-{alnum:40-64}',
    ],
    digits: 1,
  },
  {
    name: 'ModelToolToken',
    placeholderWord: 'TOOLKEY',
    description:
      'LangSmith, Langfuse, Pinecone, Tavily, E2B, ElevenLabs, Firecrawl, Weights & Biases and similar tools’ keys.',
    templates: [
      'lsv2_pt_{hexlow:32}_{hexlow:10}',
      'lsv2_sk_{hexlow:32}_{hexlow:10}',
      'ls__{hexlow:32}',
      'sk-lf-{hexlow:8}-{hexlow:4}-{hexlow:4}-{hexlow:4}-{hexlow:12}',
      'pcsk_{alnum:5-6}_{alnum:60-70}',
      'tvly-{alnum:32}',
      'tvly-dev-{url:32-48}',
      'tvly-prod-{url:32-48}',
      'e2b_{hexlow:40}',
      'sk_{hexlow:48}',
      'fc-{hexlow:32}',
      'wandb_v1_{url:60-100}',
      'bb_live_{url:27-40}',
      'ctx7sk-{hexlow:8}-{hexlow:4}-{hexlow:4}-{hexlow:4}-{hexlow:12}',
      'phx_{alnum:43-48}',
      'BSA{url:28}',
      'sk-helicone-{url:20-60}',
      'llx-{alnum:48}',
    ],
    digits: 1,
  },
]
