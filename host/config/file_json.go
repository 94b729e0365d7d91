package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

var typeJSON = reflect.TypeFor[json.RawMessage]()

// setJSON turns a monitor's own options into a JSON object, keys sorted.
func setJSON(v reflect.Value, n ast.Node) error {
	if _, ok := pairs(n); !ok {
		return errors.New("must be an object with keys of its own")
	}
	value, err := plain(n)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("cannot be written as JSON: %w", err)
	}
	v.SetBytes(text)
	return nil
}

// plain turns a node into what encoding/json writes. Anchors, aliases and tags have no JSON form and are refused.
func plain(n ast.Node) (any, error) {
	switch x := n.(type) {
	case *ast.StringNode:
		return x.Value, nil
	case *ast.LiteralNode:
		return x.Value.Value, nil
	case *ast.IntegerNode:
		return x.Value, nil
	case *ast.FloatNode:
		return x.Value, nil
	case *ast.BoolNode:
		return x.Value, nil
	case *ast.NullNode:
		return nil, nil
	case *ast.SequenceNode:
		list := make([]any, len(x.Values))
		for i, item := range x.Values {
			v, err := plain(item)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	}
	entries, ok := pairs(n)
	if !ok {
		return nil, fmt.Errorf("line %d holds something that JSON has no form for (%s): write it out", line(n), n.Type())
	}
	object := make(map[string]any, len(entries))
	for _, e := range entries {
		v, err := plain(e.Value)
		if err != nil {
			return nil, err
		}
		object[e.Key.GetToken().Value] = v
	}
	return object, nil
}
