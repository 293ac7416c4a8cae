import { type ComponentProps, type ReactNode, useId } from 'react';
import type { Path, RegisterOptions } from 'react-hook-form';
import { findFieldError, type ServerForm, type Values } from './form.tsx';
import { type FieldName, useFieldError } from './use-field-error.ts';

/** Class names of inputs and selects. */
export const control =
  'min-h-10 w-full min-w-0 rounded-lg border border-line-strong bg-raised px-3 text-base text-ink outline-none placeholder:text-faint focus:border-accent aria-invalid:border-bad disabled:opacity-60 pointer-coarse:min-h-11';

type FieldOptions<T extends Values> = {
  form: ServerForm<T>;
  name: Path<T> & FieldName;
  label: string;
  /** Shown below the field unless there is an error. */
  hint?: string;
  rules?: RegisterOptions<T, Path<T>>;
};

/** Registers a field, and returns its attributes and its message: the error or the hint. */
function useField<T extends Values>({ form: { methods }, name, hint, rules }: FieldOptions<T>) {
  const id = useId();
  const formatFieldError = useFieldError();
  const error = findFieldError(methods.formState.errors, name);
  const message = error ? formatFieldError(error, name) : hint;
  const attributes = {
    id,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': message ? `${id}-message` : undefined,
    ...methods.register(name, { required: true, ...rules }),
  };
  return { id, hasError: error !== undefined, message, attributes };
}

type FieldMessageProps = { id: string; hasError: boolean; children: string | undefined };

const FieldMessage = ({ id, hasError, children }: FieldMessageProps) =>
  children && (
    <p
      id={`${id}-message`}
      role={hasError ? 'alert' : undefined}
      className={`text-sm first-letter:uppercase ${hasError ? 'text-bad' : 'text-faint'}`}
    >
      {children}
    </p>
  );

type LabeledFieldProps = {
  id: string;
  label: string;
  hasError: boolean;
  message: string | undefined;
  children: ReactNode;
};

const LabeledField = ({ id, label, hasError, message, children }: LabeledFieldProps) => (
  <div className="grid min-w-0 content-start gap-1.5">
    <label htmlFor={id} className="font-medium text-sm">
      {label}
    </label>
    {children}
    <FieldMessage id={id} hasError={hasError}>
      {message}
    </FieldMessage>
  </div>
);

type FieldProps<T extends Values> = FieldOptions<T> & Omit<ComponentProps<'input'>, 'form' | 'name' | 'id'>;

/** Text input with a label and a message. */
export function Field<T extends Values>({ form, name, label, hint, rules, ...input }: FieldProps<T>) {
  const { attributes, ...field } = useField({ form, name, label, hint, rules });
  return (
    <LabeledField label={label} {...field}>
      <input className={control} {...input} {...attributes} />
    </LabeledField>
  );
}

/** Input for a text of several lines. */
export function TextArea<T extends Values>(common: FieldOptions<T>) {
  const { attributes, ...field } = useField(common);
  return (
    <LabeledField label={common.label} {...field}>
      <textarea rows={6} className={`${control} resize-y py-2`} {...attributes} />
    </LabeledField>
  );
}

/** A single checkbox. */
export function CheckBox<T extends Values>({ form, name, label }: FieldOptions<T>) {
  return (
    <label className="flex min-h-8 items-center gap-2.5 pointer-coarse:min-h-11">
      <input type="checkbox" className="size-4 accent-accent" {...form.methods.register(name)} />
      {label}
    </label>
  );
}

type SelectProps<T extends Values> = FieldOptions<T> & { children: ReactNode };

/** Select with a label and a message. */
export function Select<T extends Values>({ children, ...common }: SelectProps<T>) {
  const { attributes, ...field } = useField(common);
  return (
    <LabeledField label={common.label} {...field}>
      <select className={control} {...attributes}>
        {children}
      </select>
    </LabeledField>
  );
}

type Options = { options: { value: string; label: string }[] };

type CheckBoxesProps<T extends Values> = FieldOptions<T> & Options;

/** Group of checkboxes. */
export function CheckBoxes<T extends Values>({ options, ...common }: CheckBoxesProps<T>) {
  const { attributes, hasError, message } = useField(common);
  const { id, 'aria-describedby': describedBy, ...box } = attributes;
  return (
    <fieldset aria-describedby={describedBy} className="grid gap-0.5">
      <legend className="mb-1 font-medium text-sm">{common.label}</legend>
      {options.map(({ value, label }) => (
        <label key={value} className="flex min-h-8 items-center gap-2.5 pointer-coarse:min-h-11">
          <input type="checkbox" value={value} className="size-4 accent-accent" {...box} />
          {label}
        </label>
      ))}
      <FieldMessage id={id} hasError={hasError}>
        {message}
      </FieldMessage>
    </fieldset>
  );
}

type RadiosProps<T extends Values> = FieldOptions<T> & Options;

/** Group of radio buttons, for two or three options. */
export function Radios<T extends Values>({ options, ...common }: RadiosProps<T>) {
  const { attributes, hasError, message } = useField(common);
  const { id, 'aria-describedby': describedBy, ...radio } = attributes;
  return (
    <fieldset aria-describedby={describedBy} className="grid gap-1.5">
      <legend className="mb-1.5 font-medium text-sm">{common.label}</legend>
      <div className="grid auto-cols-fr grid-flow-col gap-2">
        {options.map(({ value, label }) => (
          <label
            key={value}
            className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg border border-line-strong bg-raised px-3 py-1.5 leading-snug has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2 pointer-coarse:min-h-11"
          >
            <input type="radio" value={value} className="size-4 shrink-0 accent-accent outline-none" {...radio} />
            {label}
          </label>
        ))}
      </div>
      <FieldMessage id={id} hasError={hasError}>
        {message}
      </FieldMessage>
    </fieldset>
  );
}
