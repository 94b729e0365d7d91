package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// document is weir.yaml after parsing, before it is applied.
type document struct {
	file string
	root ast.Node // nil when there is nothing in it
}

// parseFile parses the text of weir.yaml. Errors name file and line and repeat nothing of the text, which may be a secret.
func parseFile(file string, text []byte) (*document, error) {
	d := &document{file: file}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, d.syntaxError(err)
	}
	for _, doc := range parsed.Docs {
		if empty(doc.Body) {
			continue
		}
		if d.root != nil {
			return nil, &KeyError{File: file, Line: line(doc.Body), Err: errors.New("there is a second document (---): keep one")}
		}
		d.root = doc.Body
	}
	return d, nil
}

func empty(n ast.Node) bool {
	switch n.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode, *ast.CommentNode:
		return true
	}
	return false
}

func (d *document) syntaxError(err error) error {
	var known yaml.Error
	if errors.As(err, &known) {
		k := &KeyError{File: d.file, Err: fmt.Errorf("is not valid YAML: %s", known.GetMessage())}
		if t := known.GetToken(); t != nil && t.Position != nil {
			k.Line = t.Position.Line
		}
		return k
	}
	return &KeyError{File: d.file, Err: errors.New("is not valid YAML")}
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// pairs returns a mapping's entries, and whether n is one.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, empty(n)
}

// reader applies a document to a Config.
type reader struct {
	*loader
	doc *document
}

func (r *reader) fail(n ast.Node, key, format string, args ...any) {
	r.errs = append(r.errs, &KeyError{File: r.doc.file, Line: line(n), Key: key, Source: FromFile, Err: fmt.Errorf(format, args...)})
}

// section reads a mapping into the struct v, whose keys are list, all with names below prefix. special reads the keys that
// are no fields of v and tells whether it knew the key.
func (r *reader) section(v reflect.Value, list []field, n ast.Node, prefix string, special func(string, *ast.MappingValueNode) bool) {
	entries, ok := pairs(n)
	if !ok {
		r.fail(n, strings.TrimSuffix(prefix, "."), "must be a section with keys of its own")
		return
	}
	for _, e := range entries {
		key := prefix + e.Key.GetToken().Value
		if f, ok := find(list, key); ok {
			r.leaf(v.FieldByIndex(f.index), f, e)
		} else if sub := startingWith(list, key+"."); len(sub) > 0 {
			r.section(v, sub, e.Value, key+".", nil)
		} else if special == nil || !special(key, e) {
			r.fail(e.Key, key, "is no key that Weir knows; %s", knownKeys(list, prefix, key))
		}
	}
}

func find(list []field, key string) (field, bool) {
	for _, f := range list {
		if f.Name == key {
			return f, true
		}
	}
	return field{}, false
}

func startingWith(list []field, prefix string) []field {
	var sub []field
	for _, f := range list {
		if strings.HasPrefix(f.Name, prefix) {
			sub = append(sub, f)
		}
	}
	return sub
}

// leaf reads the value of one key.
func (r *reader) leaf(v reflect.Value, f field, e *ast.MappingValueNode) {
	if empty(e.Value) {
		r.fail(e.Key, f.Name, "has no value: give one (%s), or remove the line", f.Type)
		return
	}
	r.mark(f.Name, FromFile, line(e.Key))
	var err error
	switch v.Type() {
	case typeEndpoints:
		r.endpoints(v, e.Value)
	case typeJSON:
		err = setJSON(v, e.Value)
	case typeStrings:
		err = setStrings(v, e.Value)
	default:
		err = setScalar(v, f, e.Value)
	}
	if err != nil {
		r.fail(e.Key, f.Name, "%w", err)
	}
}

// setScalar reads a single value; a quoted one is as good as a bare one.
func setScalar(v reflect.Value, f field, n ast.Node) error {
	var text string
	switch s := n.(type) {
	case *ast.LiteralNode:
		text = s.Value.Value
	case *ast.StringNode:
		text = s.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		text = n.GetToken().Value
	default:
		return fmt.Errorf("must be a single value (%s)", f.Type)
	}
	return wrongValue(f, text, setText(v, text))
}

// wrongValue adds the value to an error about it, unless it may be a secret.
func wrongValue(f field, text string, err error) error {
	if err == nil || f.Secret {
		return err
	}
	return fmt.Errorf("%q %w", text, err)
}

func setStrings(v reflect.Value, n ast.Node) error {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		return errors.New("must be a list")
	}
	list := make([]string, 0, len(seq.Values))
	for _, item := range seq.Values {
		s, ok := item.(*ast.StringNode)
		if !ok {
			return errors.New("must be a list of strings")
		}
		list = append(list, s.Value)
	}
	v.Set(reflect.ValueOf(list))
	return nil
}

func (r *reader) endpoints(v reflect.Value, n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, "endpoints", "must be a list: write `- url: https://host:port` below it")
		return
	}
	list := make([]Endpoint, len(seq.Values))
	for i, item := range seq.Values {
		list[i] = defaultOf[Endpoint]()
		prefix := fmt.Sprintf("endpoints[%d].", i)
		r.mark(prefix+"url", FromFile, line(item))
		r.section(reflect.ValueOf(&list[i]).Elem(), endpointFields(prefix), item, prefix, nil)
		list[i].TLS.CAFile = r.relative(list[i].TLS.CAFile)
	}
	v.Set(reflect.ValueOf(list))
}

// monitors reads the monitors section, over the sandbox limits that hold for all.
func (r *reader) monitors(c *Config, n ast.Node) {
	entries, ok := pairs(n)
	if !ok {
		r.fail(n, "monitors", "must be a section with a key for each monitor")
		return
	}
	for _, e := range entries {
		name := e.Key.GetToken().Value
		prefix := "monitors." + name + "."
		r.mark("monitors."+name, FromFile, line(e.Key))
		if !validName(name) {
			r.fail(e.Key, "monitors."+name, "is no monitor's name: 1 to 64 lower-case letters, digits and dashes")
		}
		m := Monitor{Sandbox: c.Sandbox}
		v := reflect.ValueOf(&m).Elem()
		r.section(v, monitorFields(prefix), e.Value, prefix, nil)
		c.Monitors[name] = m
	}
}

// relative makes a path in the file relative to the file's folder.
func (r *reader) relative(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.doc.file), path)
}
