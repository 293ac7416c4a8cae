import { type ComponentProps, type ReactNode, useId } from 'react';
import type { Path, RegisterOptions } from 'react-hook-form';
import { type FieldName, faultOf, type ServerForm, type Values } from './form.tsx';
import { useFieldError } from './use-field-error.ts';

/** What somebody writes or chooses in. */
export const control =
  'min-h-10 w-full min-w-0 rounded-lg border border-line-strong bg-raised px-3 text-base text-ink outline-none placeholder:text-faint focus:border-accent aria-invalid:border-bad disabled:opacity-60 pointer-coarse:min-h-11';

type Common<T extends Values> = {
  of: ServerForm<T>;
  name: Path<T> & FieldName;
  label: string;
  /** Stands below the field as long as nothing is wrong. */
  hint?: string;
  rules?: RegisterOptions<T, Path<T>>;
};

/** What every field has: a label, and what is wrong with it. */
function useField<T extends Values>({ of: { form }, name, hint, rules }: Common<T>) {
  const id = useId();
  const fault = useFieldError();
  const wrong = faultOf(form.formState.errors, name);
  const says = wrong ? fault(wrong, name) : hint;
  const attributes = {
    id,
    'aria-invalid': wrong ? true : undefined,
    'aria-describedby': says ? `${id}-says` : undefined,
    ...form.register(name, { required: true, ...rules }),
  };
  return { id, wrong: wrong !== undefined, says, attributes };
}

type SaysProps = { id: string; wrong: boolean; children: string | undefined };

const Says = ({ id, wrong, children }: SaysProps) =>
  children && (
    <p
      id={`${id}-says`}
      role={wrong ? 'alert' : undefined}
      className={`text-sm first-letter:uppercase ${wrong ? 'text-bad' : 'text-faint'}`}
    >
      {children}
    </p>
  );

type LabelledProps = { id: string; label: string; wrong: boolean; says: string | undefined; children: ReactNode };

const Labelled = ({ id, label, wrong, says, children }: LabelledProps) => (
  <div className="grid min-w-0 content-start gap-1.5">
    <label htmlFor={id} className="font-medium text-sm">
      {label}
    </label>
    {children}
    <Says id={id} wrong={wrong}>
      {says}
    </Says>
  </div>
);

type FieldProps<T extends Values> = Common<T> & Omit<ComponentProps<'input'>, 'form' | 'name' | 'id'>;

/** A line of text. */
export function Field<T extends Values>({ of, name, label, hint, rules, ...input }: FieldProps<T>) {
  const { attributes, ...field } = useField({ of, name, label, hint, rules });
  return (
    <Labelled label={label} {...field}>
      <input className={control} {...input} {...attributes} />
    </Labelled>
  );
}

type ChoiceProps<T extends Values> = Common<T> & { children: ReactNode };

/** One of a few. */
export function Choice<T extends Values>({ children, ...common }: ChoiceProps<T>) {
  const { attributes, ...field } = useField(common);
  return (
    <Labelled label={common.label} {...field}>
      <select className={control} {...attributes}>
        {children}
      </select>
    </Labelled>
  );
}

type Options = { options: { value: string; label: string }[] };

type CheckBoxesProps<T extends Values> = Common<T> & Options;

/** Any of a few. */
export function CheckBoxes<T extends Values>({ options, ...common }: CheckBoxesProps<T>) {
  const { attributes, wrong, says } = useField(common);
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
      <Says id={id} wrong={wrong}>
        {says}
      </Says>
    </fieldset>
  );
}

type RadiosProps<T extends Values> = Common<T> & Options;

/** One of two or three, all of them in view. */
export function Radios<T extends Values>({ options, ...common }: RadiosProps<T>) {
  const { attributes, wrong, says } = useField(common);
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
      <Says id={id} wrong={wrong}>
        {says}
      </Says>
    </fieldset>
  );
}
