import { canInstall, install } from './apt.ts';
import { findBinary } from './find-binary.ts';

export interface WantedBinary {
  readonly name: string;
  /** The name of the server, or of another program, for people. */
  readonly server: string;
  /** The package of Debian that brings it. */
  readonly package: string;
  /** The variable that spares us the server. Undefined: nothing does. */
  readonly variable?: string;
}

export interface Machine {
  find(name: string): string | undefined;
  canInstall(): boolean;
  install(name: string): Promise<void>;
}

const THIS_MACHINE: Machine = { find: findBinary, canInstall, install };

/** The path of a server's binary: found, or else installed and found, or else one sentence that says what to do. */
export async function obtainBinary(wanted: WantedBinary, machine: Machine = THIS_MACHINE): Promise<string> {
  const present = machine.find(wanted.name);
  if (present) return present;
  if (!machine.canInstall()) throw missing(wanted);

  await machine.install(wanted.package).catch((cause: unknown) => {
    throw missing(wanted, cause);
  });
  const installed = machine.find(wanted.name);
  if (!installed) throw missing(wanted);
  return installed;
}

function missing({ name, server, package: debian, variable }: WantedBinary, cause?: unknown): Error {
  const otherwise = variable === undefined ? '' : ` or set ${variable}`;
  return new Error(
    `The tests need ${server}, but ${name} is not on this machine: run \`sudo apt-get install ${debian}\`${otherwise}.`,
    { cause },
  );
}
