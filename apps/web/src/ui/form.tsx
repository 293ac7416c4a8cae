import { toFormFailure } from '@it0/client/form-failure';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { type DefaultValues, type FieldErrors, type Path, type UseFormReturn, useForm } from 'react-hook-form';
import type en from '../i18n/en.ts';
import { Button } from './button.tsx';
import { type Fault, useFieldError } from './use-field-error.ts';

/** What a field can be called: each says in its own words what it takes. */
export type FieldName = keyof typeof en.form.invalid;
export type Values = Partial<Record<FieldName, unknown>>;

export type ServerForm<T extends Values> = { form: UseFormReturn<T>; submit(): void };

/**
 * A form that a request answers. What the server refuses stands beside the field that it is about, and the first of
 * these gets the focus; what is about no field stands below them all.
 */
export function useServerForm<T extends Values>(
  defaultValues: DefaultValues<T>,
  send: (values: T) => Promise<unknown>,
): ServerForm<T> {
  const form = useForm<T>({ defaultValues });
  const submit = form.handleSubmit(async (values) => {
    try {
      await send(values);
    } catch (error) {
      const { fields, reason, retryAfter, params } = toFormFailure(error, Object.keys(values) as Path<T>[]);
      const fault: Fault = { type: fields.length > 0 && reason === 'INVALID_INPUT' ? 'invalid' : (reason ?? 'away') };
      for (const [index, field] of fields.entries()) form.setError(field, fault, { shouldFocus: index === 0 });
      if (fields.length === 0) form.setError('root', { ...fault, message: JSON.stringify({ retryAfter, params }) });
    }
  });
  return { form, submit: () => void submit() };
}

type FormProps<T extends Values> = Omit<ComponentProps<'form'>, 'form'> & { of: ServerForm<T> };

export function Form<T extends Values>({ of: { form, submit }, children, className = '', ...props }: FormProps<T>) {
  const { errors } = form.formState;
  const fault = useFieldError();
  return (
    <form
      noValidate
      className={`grid gap-4 ${className}`}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      {...props}
    >
      {children}
      {errors.root && (
        <p role="alert" className="text-bad text-sm first-letter:uppercase">
          {fault(errors.root as Fault)}
        </p>
      )}
    </form>
  );
}

export const faultOf = <T extends Values>(errors: FieldErrors<T>, name: Path<T>) =>
  errors[name as keyof typeof errors] as Fault | undefined;

type SubmitProps<T extends Values> = { of: ServerForm<T>; look?: 'solid' | 'line' | 'bad'; children: ReactNode };

/** Sends the form, and shows that it is on its way. */
export function Submit<T extends Values>({ of: { form }, look = 'solid', children }: SubmitProps<T>) {
  const { isSubmitting } = form.formState;
  return (
    <Button type="submit" look={look} disabled={isSubmitting} aria-busy={isSubmitting} className="justify-self-start">
      {isSubmitting && <LoaderCircle className="size-4 animate-spin" />}
      {children}
    </Button>
  );
}
