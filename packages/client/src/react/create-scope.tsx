import { createContext, type Provider, useContext } from 'react';

/**
 * Creates a context without a default value. Returns its provider, and a hook that returns the value of the nearest one
 * and throws without one.
 */
export function createScope<T>(name: string): [Provider<T | null>, () => T] {
  const Scope = createContext<T | null>(null);
  const useScope = () => {
    const value = useContext(Scope);
    if (value === null) throw new Error(`A ${name} is missing around this component`);
    return value;
  };
  return [Scope.Provider, useScope];
}
