import type { Instance } from '@it0/client/chat-source';
import type { Path } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Choice, Field } from '../ui/field.tsx';
import type { ServerForm } from '../ui/form.tsx';

type Settings = NonNullable<Instance['model']>;
export type ModelValues = { provider: Settings['provider']; modelName: string; baseUrl: string; key: string };

export const usualModel: ModelValues = { provider: 'server', modelName: '', baseUrl: '', key: '' };

export const valuesOf = (model: Settings | null): ModelValues =>
  model ? { ...model, modelName: model.name ?? '', baseUrl: model.baseUrl ?? '', key: '' } : usualModel;

/** The values as the server takes them. */
export function givenModel({ provider, modelName, baseUrl, key }: ModelValues) {
  const isOwn = takesKey(provider);
  const text = (value: string) => (isOwn && value.trim()) || null;
  return { provider, name: text(modelName), baseUrl: text(baseUrl), key: text(key) ?? undefined };
}

export const takesKey = (provider: Settings['provider']) =>
  provider === 'anthropic' || provider === 'openai-compatible';

const providers: Settings['provider'][] = ['server', 'anthropic', 'openai-compatible', 'scripted'];
const address = { required: false, pattern: /^\s*(https?:\/\/\S+)?\s*$/i };

type Props<T extends ModelValues> = { of: ServerForm<T>; hasKey?: boolean; isRemote?: boolean };

/** Which model an agent answers with. A key that is there is never shown; left empty, it stays. */
export function ModelFields<T extends ModelValues>({ of, hasKey = false, isRemote = false }: Props<T>) {
  const t = useTranslations('manage');
  const provider = of.form.watch('provider' as Path<T>) as Settings['provider'];
  // What is given no model takes the one of where it runs.
  const named = (one: Settings['provider']) => (one === 'server' && isRemote ? 'machine' : one);
  const quiet = { autoComplete: 'off', spellCheck: false } as const;
  return (
    <>
      <Choice
        of={of}
        name={'provider' as Path<T> & 'provider'}
        label={t('model')}
        hint={t(`providerIs.${named(provider)}`)}
      >
        {providers.map((one) => (
          <option key={one} value={one}>
            {t(`provider.${named(one)}`)}
          </option>
        ))}
      </Choice>
      {takesKey(provider) && (
        <>
          <Field
            {...quiet}
            of={of}
            name={'modelName' as Path<T> & 'modelName'}
            label={t('modelName')}
            hint={t('modelNameHint')}
            rules={{ required: false }}
          />
          <Field
            {...quiet}
            of={of}
            type="password"
            autoComplete="new-password"
            name={'key' as Path<T> & 'key'}
            label={t('key')}
            hint={t(hasKey ? 'keyKept' : 'keyHint')}
            rules={{ required: false }}
          />
          <Field
            {...quiet}
            of={of}
            inputMode="url"
            name={'baseUrl' as Path<T> & 'baseUrl'}
            label={t('baseUrl')}
            hint={t('baseUrlHint')}
            rules={address as never}
          />
        </>
      )}
    </>
  );
}
