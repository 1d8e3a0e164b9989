package main

import "context"

type demoFlags struct{}

func (c *cli) demo(context.Context, *demoFlags) error { return usage("the demo is not there yet") }
