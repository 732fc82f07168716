"""Transferring 关系转移接续: a pension relation comes from another place or goes there, with its months and its money;
and moves between the employees' and the residents' scheme (国办发〔2009〕66号, 人社部发〔2014〕17号)."""
