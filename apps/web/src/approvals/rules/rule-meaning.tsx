import type { ApprovalRule } from '@it0/contracts/approval-rule';
import { findExamples } from '@it0/contracts/rules/examples';
import { explainPattern, type PatternExplanation, type PatternPart } from '@it0/contracts/rules/explain';
import { Check, ChevronRight, X } from 'lucide-react';
import { useTranslations } from 'use-intl';

/** Explains in plain words which requests a rule matches, with examples of matches and of others. */
export function RuleMeaning({ rule, open }: { rule: ApprovalRule; open: boolean }) {
  const t = useTranslations('rules.meaning');
  const explained = explainPattern(rule);
  if (explained.scope === 'nothing') return null;
  const { matching, others } = findExamples(rule);
  return (
    <div data-testid="meaning" className="grid gap-2 text-sm">
      <div className="flex flex-wrap items-baseline gap-1.5 text-soft">
        <p>{t(`scope.${findScope(explained)}`, { action: rule.action })}</p>
        {toParts(explained).map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </div>
      <details open={open} className="group">
        <summary className="flex min-h-6 w-fit cursor-pointer list-none items-center gap-1 rounded-sm text-accent pointer-coarse:min-h-11">
          <ChevronRight className="size-4 group-open:rotate-90" />
          {t('examples')}
        </summary>
        <div className="mt-1 grid gap-3 rounded-lg bg-sunken p-3">
          <ul className="grid gap-1 text-faint empty:hidden">
            {findNotes(explained, rule).map((note) => (
              <li key={note}>{t(`note.${note}`)}</li>
            ))}
          </ul>
          <div className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,15rem),1fr))] gap-3">
            <Examples title={t('matching', { action: rule.action })} texts={matching} good />
            <Examples title={t('others')} texts={others} />
          </div>
        </div>
      </details>
    </div>
  );
}

type Scope = Exclude<PatternExplanation['scope'], 'any' | 'nothing'> | 'anyAlone' | 'anyRest';
const findScope = (explained: Exclude<PatternExplanation, { scope: 'nothing' }>): Scope => {
  if (explained.scope !== 'any') return explained.scope;
  return explained.rest ? 'anyRest' : 'anyAlone';
};

/** Returns the words shown after the sentence. */
function toParts(explained: PatternExplanation): PatternPart[] {
  const toWord = (text: string): PatternPart => ({ type: text.includes('*') ? 'part' : 'word', text });
  if (explained.scope === 'words') return explained.parts;
  if (explained.scope === 'spellings')
    return [toWord(explained.program), ...explained.options.map(toWord), ...explained.parts];
  return explained.scope === 'text' || explained.scope === 'line' ? [{ type: 'word', text: explained.text }] : [];
}

type Note = 'star' | 'rest' | 'shell' | 'spellings' | 'doubt' | 'line' | 'one' | 'deep' | 'dots' | 'within';

/** Returns the notes about wildcards and about commands that cannot be parsed. */
function findNotes(explained: PatternExplanation, { action }: ApprovalRule): Note[] {
  if (explained.scope === 'spellings') return ['spellings', 'doubt'];
  if (explained.scope === 'line') return ['line', 'doubt'];
  if (explained.scope === 'path') {
    if (action !== 'allow') return ['within'];
    const { one, deep } = explained;
    return [
      ...(one ? (['one'] as const) : []),
      ...(deep ? (['deep'] as const) : []),
      ...(one || deep ? (['dots'] as const) : []),
    ];
  }
  if (explained.scope !== 'words') return explained.scope === 'any' ? ['shell'] : [];
  const has = (...types: PatternPart['type'][]) => explained.parts.some(({ type }) => types.includes(type));
  return [
    ...(has('one', 'part') ? (['star'] as const) : []),
    ...(has('rest') ? (['rest'] as const) : []),
    ...(has('one', 'part', 'rest') ? (['shell'] as const) : []),
  ];
}

function Part({ part }: { part: PatternPart }) {
  const t = useTranslations('rules.meaning');
  const isText = part.type === 'word' || part.type === 'part';
  return (
    <span
      className={`rounded-md px-1.5 py-0.5 ${isText ? 'whitespace-pre-wrap bg-sunken font-mono text-ink [overflow-wrap:anywhere]' : 'border border-line-strong border-dashed'}`}
    >
      {isText ? part.text || '""' : t(part.type)}
    </span>
  );
}

function Examples({ title, texts, good = false }: { title: string; texts: string[]; good?: boolean }) {
  const t = useTranslations('rules.meaning');
  const Icon = good ? Check : X;
  return (
    <div className="grid content-start gap-1">
      <p className="font-medium">{title}</p>
      {texts.length === 0 && <p className="text-faint">{t('noExamples')}</p>}
      <ul className="grid gap-1">
        {texts.map((text) => (
          <li key={text} className="flex gap-1.5">
            <Icon className={`mt-0.5 size-4 shrink-0 ${good ? 'text-accent' : 'text-bad'}`} aria-hidden />
            <code className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
