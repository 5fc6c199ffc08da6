// Jest runs the body of a CommonJS package while it is still linking the graph of ES modules around it. When such a
// package require()s an ES module of the same graph, the answer is ERR_REQUIRE_CYCLE_MODULE, unless that module has
// been evaluated before: here. Name in this file what is required so (content-disposition, by @fastify/static), and
// nothing more, because every test file pays for it.
import 'reflect-metadata';
import 'content-disposition';
