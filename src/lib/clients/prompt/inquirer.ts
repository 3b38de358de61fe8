// Loaded only when a question is asked: inquirer brings every prompt it knows, an external editor among them.
export { createPromptModule } from 'inquirer';
