// Names that an application can ask for in place of a model: `fast`, `smart`. Part of ModelRoute: they hold for the
// rules of their own ModelRoute; operator/rules/named.ts puts them into the table.
import * as z from 'zod'
import { backends } from './backend.ts'
import { form, withRules } from './shapes.ts'

const aliasName = withRules(z.string().min(1).max(63), [
  form(
    /^[a-z0-9]([-a-z0-9._]*[a-z0-9])?$/,
    'not a name of an alias: use a-z, 0-9, "-", "." and "_", with a letter or digit at both ends',
  ),
  {
    holds: (name) => name !== 'auto',
    cel: "self != 'auto'",
    message: 'auto is what the rules decide on: give the alias another name',
  },
])

const aliasBackends = withRules(backends, [
  {
    holds: (list) => list.every(({ model }) => model !== undefined),
    cel: 'self.all(b, has(b.model))',
    message: 'a backend of an alias needs a model: the provider does not know the name of the alias',
  },
])

const alias = withRules(
  z.object({
    name: aliasName.meta({ description: 'What the application writes as its model.' }),
    backends: aliasBackends.optional().meta({
      description: 'Who answers, in place of the backends of the rule that takes the call.',
      'x-kubernetes-list-type': 'atomic',
    }),
    sameAs: z.string().min(1).max(63).optional().meta({ description: 'Another alias, whose backends answer.' }),
  }),
  [
    {
      holds: ({ backends: list, sameAs }) => (list === undefined) !== (sameAs === undefined),
      cel: 'has(self.backends) != has(self.sameAs)',
      message: 'an alias has either backends or sameAs: keep one of them',
    },
  ],
)

const aliases = withRules(z.array(alias).max(16), [
  {
    holds: (list) => new Set(list.map(({ name }) => name)).size === list.length,
    cel: 'self.all(a, self.exists_one(o, o.name == a.name))',
    message: 'two aliases have the same name: give each its own',
  },
  {
    holds: (list) =>
      list.every(
        ({ sameAs }) =>
          sameAs === undefined || list.some((other) => other.name === sameAs && other.backends !== undefined),
      ),
    cel: 'self.all(a, !has(a.sameAs) || self.exists(o, o.name == a.sameAs && has(o.backends)))',
    message: 'sameAs must name an alias of this ModelRoute that has backends, so that no alias leads in a circle',
  },
])

/** Members of a ModelRoute. */
export const aliasFields = {
  aliases: aliases.optional().meta({
    description:
      'Names for lists of backends. A call that asks for one is taken by the first rule that matches it, with all that ' +
      "this rule says, but answered by the alias's backends. A rule that lists the name in match.models decides itself.",
    'x-kubernetes-list-type': 'atomic',
  }),
}

export type AliasSpec = z.infer<typeof alias>
