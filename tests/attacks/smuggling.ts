import type { Plan } from './attempt.ts';
import { argumentAttempts } from './smuggling/arguments.ts';
import { backgroundAttempts } from './smuggling/background.ts';
import { configurationAttempts } from './smuggling/configuration.ts';
import { directiveAttempts } from './smuggling/directives.ts';
import { fileAttempts } from './smuggling/files.ts';
import { outsideAttempts } from './smuggling/outside.ts';
import { redactionAttempts } from './smuggling/redaction.ts';
import { ruleAttempts } from './smuggling/rules.ts';
import { spellingAttempts } from './smuggling/spellings.ts';
import { toolAttempts } from './smuggling/tools.ts';
import { wrapperAttempts } from './smuggling/wrappers.ts';

/**
 * All attempts, for every engine. None may run without approval, or differ from the approved text. Those of the second
 * list leave configuration in the workspace, after which no rule allows a command.
 */
export const smuggling: Plan[][] = [
  [
    ...redactionAttempts,
    ...spellingAttempts,
    ...wrapperAttempts,
    ...ruleAttempts,
    ...toolAttempts,
    ...argumentAttempts,
    ...backgroundAttempts,
    ...directiveAttempts,
  ],
  [...fileAttempts, ...configurationAttempts, ...outsideAttempts],
];
