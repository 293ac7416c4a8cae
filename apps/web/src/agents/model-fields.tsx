import type { Instance } from '@it0/client/chat-source';
import type { Path } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Field, Select } from '../ui/form/field.tsx';
import type { ServerForm } from '../ui/form/form.tsx';

type Settings = NonNullable<Instance['model']>;
/** Values of `ModelFields`. */
export type ModelValues = { provider: Settings['provider']; modelName: string; baseUrl: string; key: string };

export const defaultModel: ModelValues = { provider: 'server', modelName: '', baseUrl: '', key: '' };

/** Converts the settings of an agent to form values. */
export const toModelValues = (model: Settings | null): ModelValues =>
  model ? { ...model, modelName: model.name ?? '', baseUrl: model.baseUrl ?? '', key: '' } : defaultModel;

/** Converts form values to the input of the server. Empty fields become null; an empty key leaves it unchanged. */
export function toModelInput({ provider, modelName, baseUrl, key }: ModelValues) {
  const hasKey = needsKey(provider);
  const text = (value: string) => (hasKey && value.trim()) || null;
  return { provider, name: text(modelName), baseUrl: text(baseUrl), key: text(key) ?? undefined };
}

/** Returns whether a provider needs an API key. */
export const needsKey = (provider: Settings['provider']) =>
  provider === 'anthropic' || provider === 'openai-compatible';

const providers: Settings['provider'][] = ['server', 'anthropic', 'openai-compatible', 'scripted'];
const addressRules = { required: false, pattern: /^\s*(https?:\/\/\S+)?\s*$/i };

type Props<T extends ModelValues> = { form: ServerForm<T>; hasKey?: boolean; isRemote?: boolean };

/** Fields for the model of an agent. A stored key is never shown; an empty field keeps it. */
export function ModelFields<T extends ModelValues>({ form, hasKey = false, isRemote = false }: Props<T>) {
  const t = useTranslations('manage');
  const provider = form.methods.watch('provider' as Path<T>) as Settings['provider'];
  // On a remote machine, `server` is the model of that machine.
  const toLabelKey = (one: Settings['provider']) => (one === 'server' && isRemote ? 'machine' : one);
  const plainInput = { autoComplete: 'off', spellCheck: false } as const;
  return (
    <>
      <Select
        form={form}
        name={'provider' as Path<T> & 'provider'}
        label={t('model')}
        hint={t(`providerIs.${toLabelKey(provider)}`)}
      >
        {providers.map((one) => (
          <option key={one} value={one}>
            {t(`provider.${toLabelKey(one)}`)}
          </option>
        ))}
      </Select>
      {needsKey(provider) && (
        <>
          <Field
            {...plainInput}
            form={form}
            name={'modelName' as Path<T> & 'modelName'}
            label={t('modelName')}
            hint={t('modelNameHint')}
            rules={{ required: false }}
          />
          <Field
            {...plainInput}
            form={form}
            type="password"
            autoComplete="new-password"
            name={'key' as Path<T> & 'key'}
            label={t('key')}
            hint={t(hasKey ? 'keyKept' : 'keyHint')}
            rules={{ required: false }}
          />
          <Field
            {...plainInput}
            form={form}
            inputMode="url"
            name={'baseUrl' as Path<T> & 'baseUrl'}
            label={t('baseUrl')}
            hint={t('baseUrlHint')}
            rules={addressRules as never}
          />
        </>
      )}
    </>
  );
}
