import { toFormFailure } from '@it0/client/form-failure';
import type { ComponentProps, ReactNode } from 'react';
import { type DefaultValues, type FieldErrors, type Path, type UseFormReturn, useForm } from 'react-hook-form';
import { Button } from '../button.tsx';
import { type FieldError, type FieldName, useFieldError } from './use-field-error.ts';

export type Values = Partial<Record<FieldName, unknown>>;

/** A form with the methods of React Hook Form, and a function that submits it. */
export type ServerForm<T extends Values> = { methods: UseFormReturn<T>; submit(): void };

/**
 * Creates a form that is submitted by `send`. An error of the server is shown at the fields it concerns, of which the
 * first gets the focus, or else below the form.
 */
export function useServerForm<T extends Values>(
  defaultValues: DefaultValues<T>,
  send: (values: T) => Promise<unknown>,
): ServerForm<T> {
  const methods = useForm<T>({ defaultValues });
  const submit = methods.handleSubmit(async (values) => {
    try {
      await send(values);
    } catch (error) {
      const { fields, reason, retryAfter, params } = toFormFailure(error, Object.keys(values) as Path<T>[]);
      const fieldError: FieldError = {
        type: fields.length > 0 && reason === 'INVALID_INPUT' ? 'invalid' : (reason ?? 'unreachable'),
      };
      for (const [index, field] of fields.entries()) methods.setError(field, fieldError, { shouldFocus: index === 0 });
      if (fields.length === 0)
        methods.setError('root', { ...fieldError, message: JSON.stringify({ retryAfter, params }) });
    }
  });
  return { methods, submit: () => void submit() };
}

type FormProps<T extends Values> = Omit<ComponentProps<'form'>, 'form'> & { form: ServerForm<T> };

/** Form element of a `ServerForm`. */
export function Form<T extends Values>({
  form: { methods, submit },
  children,
  className = '',
  ...props
}: FormProps<T>) {
  const { errors } = methods.formState;
  const formatFieldError = useFieldError();
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
          {formatFieldError(errors.root as FieldError)}
        </p>
      )}
    </form>
  );
}

/** Returns the error of a field, if any. */
export const findFieldError = <T extends Values>(errors: FieldErrors<T>, name: Path<T>) =>
  errors[name as keyof typeof errors] as FieldError | undefined;

type SubmitProps<T extends Values> = {
  form: ServerForm<T>;
  variant?: 'solid' | 'outline' | 'danger-outline';
  children: ReactNode;
};

/** Submit button with a progress indicator. */
export function Submit<T extends Values>({ form: { methods }, variant = 'solid', children }: SubmitProps<T>) {
  const { isSubmitting } = methods.formState;
  return (
    <Button
      type="submit"
      variant={variant}
      disabled={isSubmitting}
      aria-busy={isSubmitting}
      className="justify-self-start"
    >
      {isSubmitting && (
        <span className="size-4 animate-spin rounded-full border-2 border-current border-r-transparent" />
      )}
      {children}
    </Button>
  );
}
