/** Where squawk is installed for these tests alone: no part of the product, and none of the machine. */
import { join } from 'node:path';

const FOLDER = import.meta.dirname;

export const SQUAWK_ENVIRONMENT: string = join(FOLDER, 'venv');
export const SQUAWK_REQUIREMENTS: string = join(FOLDER, 'requirements.txt');
/** As the host's PATH would have it. */
export const SQUAWK_PATH: string = join(SQUAWK_ENVIRONMENT, 'bin');
