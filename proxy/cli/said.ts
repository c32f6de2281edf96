// What a command of the command line comes to: a text for standard output, or a sentence about what is wrong, which
// main.ts prints with exit code 2.

export type Said =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fault'; readonly message: string }
