// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL templates are the subject.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expression,
  literal,
  parseHcl,
  strings,
  tokenize,
  withoutComments,
} from '../../../src/lib/stacks/source/hcl-text.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const content = fc.string({ maxLength: 20 }).filter((text) => !/[\n\r]/.test(text));
const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/([$%])\{/g, '$1$1{')}"`;

describe('HCL text', () => {
  it('gives blocks with labels, attributes and nested blocks', () => {
    const body = parseHcl(
      'resource "a" "b" {\n metadata {\n  name = "x"\n }\n list = ["1", # no "2"\n "3"]\n}\nlocals { y = 1 }',
    );
    const resource = body.blocks[0];
    expect(resource?.labels).toEqual(['a', 'b']);
    expect(literal(resource?.body.blocks[0]?.body.attributes.get('name'))).toBe('x');
    expect(strings(resource?.body.attributes.get('list'))).toEqual(['1', '3']);
    expect(body.blocks[1]?.body.attributes.has('y')).toBe(true);
  });

  it('does not take braces, quotes and comment signs inside strings and heredocs for structure', () => {
    const text = 'a = "} # ${lookup({"k" = "}"}, "k")} // /*"\nb = <<-EOT\n } # not a comment "\n EOT\nc = "end"\n';
    const body = parseHcl(text);
    expect([...body.attributes.keys()]).toEqual(['a', 'b', 'c']);
    expect(literal(body.attributes.get('c'))).toBe('end');
    expect(withoutComments(text)).toBe(text);
  });

  it('tells a literal from a template, and an escaped template from a real one', () => {
    const body = parseHcl('a = "x"\nb = "x-${y}"\nc = "$${y}"\nd = var.z\n');
    expect(literal(body.attributes.get('a'))).toBe('x');
    expect(literal(body.attributes.get('b'))).toBeUndefined();
    expect(literal(body.attributes.get('c'))).toBe('${y}');
    expect(expression(body.attributes.get('d'))).toBe('var.z');
  });

  it('reads back any literal that was quoted', () => {
    fc.assert(
      fc.property(name, content, (key, value) => {
        expect(literal(parseHcl(`x {\n  ${key} = ${quote(value)}\n}\n`).blocks[0]?.body.attributes.get(key))).toBe(
          value,
        );
      }),
    );
  });

  it('blanks comments of all three kinds, wherever they stand, and keeps lines and everything else', () => {
    const comment = fc.constantFrom('# k8s_users\n', '// k8s_users\n', '/* k8s_users\n k8s_users */');
    const code = fc.oneof(
      content.map((text) => `a = ${quote(text)}\n`),
      fc.constant('b = <<EOT\n# kept\nEOT\n'),
      fc.constant('c {}\n'),
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            comment.map((text) => ({ text, comment: true })),
            code.map((text) => ({ text, comment: false })),
          ),
        ),
        (parts) => {
          const text = parts.map((part) => part.text).join('');
          const expected = parts.map((part) => (part.comment ? part.text.replace(/[^\n]/g, ' ') : part.text)).join('');
          expect(withoutComments(text)).toBe(expected);
        },
      ),
    );
  });

  it('never throws and always ends, whatever the text', () => {
    const noise = fc.array(
      fc.constantFrom('{', '}', '"', '${', '%{', '<<E\n', 'E\n', '\\', '#', '/*', '*/', '=', '\n', 'a', '[', ']', '💥'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          noise.map((parts) => parts.join('')),
        ),
        (text) => {
          tokenize(text);
          parseHcl(text);
          expect(withoutComments(text)).toHaveLength(text.length);
        },
      ),
    );
    parseHcl('{'.repeat(50_000));
    parseHcl('a {'.repeat(50_000));
    tokenize(`"${'${"'.repeat(50_000)}`);
  });
});
