import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'evidence/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'it', 'describe', 'suite', 'before', 'after'],
            },
          ],
        },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-console': 'error',
      // It emits its input's errors again, where none listens: any peer that resets a connection ends the process.
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:readline', 'readline', 'node:readline/promises', 'readline/promises'].map((name) => ({
            name,
            message: 'Read lines with readLines, nextLine or lineIterator of reference/read-lines.ts.',
          })),
        },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  { files: ['rigs/cli/**/*.ts'], rules: { 'no-console': 'off' } },
)
